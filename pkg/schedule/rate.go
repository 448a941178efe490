package schedule

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// rate is a fixed interval between the starts of two runs, independent of their duration.
type rate struct {
	count    int64
	unit     time.Duration
	unitName string
}

func parseRate(p piece) (*rate, error) {
	const example = "rate(5m)"
	inside, err := p.bracketed(string(Rate), example)
	if err != nil {
		return nil, err
	}
	length := len(inside.String()) - len(strings.TrimLeft(inside.String(), "0123456789"))
	number, unit := inside.cut(0, length), inside.after(length)
	if length == 0 {
		return nil, inside.errorf("rate", "an interval is a whole number and s, m, h or d, as in %s", example)
	}
	r := &rate{}
	switch unit.String() {
	case "s":
		r.unit, r.unitName = time.Second, "second"
	case "m":
		r.unit, r.unitName = time.Minute, "minute"
	case "h":
		r.unit, r.unitName = time.Hour, "hour"
	case "d":
		r.unit, r.unitName = day, "day"
	case "":
		return nil, unit.errorf("unit", "the unit is missing: s, m, h or d, as in %s", example)
	default:
		return nil, unit.errorf("unit", "unit %q is not s, m, h or d", unit)
	}
	r.count, err = strconv.ParseInt(number.String(), 10, 64)
	switch {
	case err != nil || r.count > math.MaxInt64/int64(r.unit):
		return nil, number.errorf("rate", "an interval of %s %ss is too long to count", number, r.unitName)
	case r.count == 0:
		return nil, number.errorf("rate", "an interval must not be 0")
	}
	return r, nil
}

func (r *rate) interval() time.Duration { return time.Duration(r.count) * r.unit }

func (r *rate) next(after time.Time, _ *time.Location) time.Time { return after.Add(r.interval()) }

func (r *rate) words(zone) string {
	if r.count == 1 {
		return "every " + r.unitName
	}
	return fmt.Sprintf("every %d %ss", r.count, r.unitName)
}
