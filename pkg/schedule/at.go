package schedule

import (
	"fmt"
	"time"
)

// at fires once, when a wall clock shows the reading.
type at struct {
	reading time.Time
}

const atExample = "at(2027-01-31 08:00:00 Asia/Shanghai)"

func parseAt(p piece) (*at, zone, error) {
	inside, err := p.bracketed(string(At), atExample)
	if err != nil {
		return nil, zone{}, err
	}
	parts := inside.split(" ")
	if len(parts) < 2 {
		return nil, zone{}, inside.errorf("at", "a date and a time are needed, as in %s", atExample)
	}
	for i, part := range parts {
		if part.len() == 0 || i > 2 {
			return nil, zone{}, part.errorf("at", "a date, a time and at most a time zone are needed, one space apart, as in %s", atExample)
		}
	}
	year, month, date, err := parseDate(parts[0])
	if err != nil {
		return nil, zone{}, err
	}
	hour, minute, second, err := parseTime(parts[1])
	if err != nil {
		return nil, zone{}, err
	}
	where := zone{name: "UTC", location: time.UTC}
	if len(parts) == 3 {
		if where, err = parseZone(parts[2]); err != nil {
			return nil, zone{}, err
		}
	}
	return &at{time.Date(year, time.Month(month), date, hour, minute, second, 0, time.UTC)}, where, nil
}

func parseDate(p piece) (year, month, date int, err error) {
	if !hasShape(p, "0000-00-00") {
		return 0, 0, 0, p.errorf("date", "date %q is not of the form yyyy-MM-dd", p)
	}
	year = number(p.cut(0, 4))
	if month, err = parseWithin(p.cut(5, 7), "month", 1, 12); err != nil {
		return 0, 0, 0, err
	}
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if date = number(p.after(8)); date < 1 || date > last {
		return 0, 0, 0, p.after(8).errorf("day", "%s %04d has no day %d", time.Month(month), year, date)
	}
	return year, month, date, nil
}

func parseTime(p piece) (hour, minute, second int, err error) {
	if !hasShape(p, "00:00:00") {
		return 0, 0, 0, p.errorf("time", "time %q is not of the form HH:mm:ss", p)
	}
	if hour, err = parseWithin(p.cut(0, 2), "hour", 0, 23); err != nil {
		return 0, 0, 0, err
	}
	if minute, err = parseWithin(p.cut(3, 5), "minute", 0, 59); err != nil {
		return 0, 0, 0, err
	}
	second, err = parseWithin(p.after(6), "second", 0, 59)
	return hour, minute, second, err
}

func (a *at) next(after time.Time, loc *time.Location) time.Time {
	if moment := firstShown(a.reading, loc); moment.After(after) {
		return moment
	}
	return time.Time{}
}

func (a *at) words(z zone) string {
	return fmt.Sprintf("once, on %s at %s (%s)", a.reading.Format(time.DateOnly), a.reading.Format(time.TimeOnly), z.name)
}
