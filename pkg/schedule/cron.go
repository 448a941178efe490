package schedule

import (
	"iter"
	"strings"
	"time"
)

const (
	day       = 24 * time.Hour
	firstYear = 1970
	lastYear  = 2099
)

// cron fires when the clock and the calendar match its fields.
type cron struct {
	second, minute, hour         values
	monthDay, month, week, years values
	fires                        calendar
	days                         calendar // midnight of each day with a fire
}

func parseCron(p piece) (*cron, zone, error) {
	parts, err := cronParts(p)
	if err != nil {
		return nil, zone{}, err
	}
	fields := cronFields()
	c := &cron{years: fields[6].every()}
	targets := []*values{&c.second, &c.minute, &c.hour, &c.monthDay, &c.month, &c.week, &c.years}
	where := zone{}
	for i, part := range parts {
		if i == 7 || i == 6 && len(parts) == 7 && isLetter(part.String()[0]) {
			where, err = parseZone(part)
		} else {
			*targets[i], err = fields[i].parse(part)
		}
		if err != nil {
			return nil, zone{}, err
		}
	}
	if c.fires, err = newCalendar(c.second, c.minute, c.hour, c.monthDay, c.month, c.week, c.years); err != nil {
		return nil, zone{}, p.errorf("", "%v", err)
	}
	zero := values{list: []int{0}}
	if c.days, err = newCalendar(zero, zero, zero, c.monthDay, c.month, c.week, c.years); err != nil {
		return nil, zone{}, p.errorf("", "%v", err)
	}
	return c, where, nil
}

// cronParts returns the six to eight fields in p.
func cronParts(p piece) ([]piece, error) {
	const form = "second minute hour day-of-month month day-of-week [year] [time zone]"
	parts := p.fields()
	first, last := parts[0], parts[len(parts)-1]
	switch {
	case first.String()[0] == '@':
		if written := macro(first.String()); written != "" {
			return nil, first.errorf("", "%s is not known here; write %s", first, written)
		}
		return nil, first.errorf("", "%q is not known here; write %s", first, form)
	case len(parts) == 5 || len(parts) == 6 && isZone(last):
		return nil, p.errorf("", "it has no field for the second: %s; put 0 before the five fields", form)
	case len(parts) < 6:
		return nil, p.errorf("", "it is not rate(...), at(...) or the 6 to 8 fields of a cron expression: %s", form)
	case len(parts) > 8:
		extra := piece{p.whole, parts[8].from, last.to}
		return nil, extra.errorf("", "it has %d fields, and 6 to 8 are needed: %s", len(parts), form)
	}
	return parts, nil
}

// macro returns the expression that a short name of five-field cron means, or "".
func macro(name string) string {
	switch strings.ToLower(name) {
	case "@yearly", "@annually":
		return "0 0 0 1 1 ?"
	case "@monthly":
		return "0 0 0 1 * ?"
	case "@weekly":
		return "0 0 0 ? * SUN"
	case "@daily", "@midnight":
		return "0 0 0 * * ?"
	case "@hourly":
		return "0 0 * * * ?"
	}
	return ""
}

// isZone reports whether p is a time zone.
func isZone(p piece) bool {
	_, err := parseZone(p)
	return err == nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// times iterates over the seconds of the day at which c fires, in order. They are the same on every day with a fire.
func (c *cron) times() iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, hour := range c.hour.list {
			for _, minute := range c.minute.list {
				for _, second := range c.second.list {
					if !yield(hour*3600 + minute*60 + second) {
						return
					}
				}
			}
		}
	}
}

// hourly reports whether c fires in every hour of the day.
func (c *cron) hourly() bool { return c.hour.all() }
