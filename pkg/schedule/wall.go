package schedule

import "time"

// reading returns what a wall clock in t's zone shows at t, as a time in UTC.
func reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// next iterates over the periods in which the zone's offset is constant.
//
// A reading that the clock skips does not fire on that day. A reading that the clock shows twice only fires the first time. The
// exception is an expression for every hour: otherwise it would pause for as long as the clock is set back. This is what the
// calendar says. Instances do something else, see [Frequency.AgentNext].
func (c *cron) next(after time.Time, loc *time.Location) time.Time {
	t := later(after, earliest()).In(loc)
	start, end := constantOffset(t)
	from := reading(t) // readings up to this one are in the past
	if !start.IsZero() && !c.hourly() {
		from = later(from, lastReading(start))
	}
	for t.Year() <= lastYear+1 {
		wall := c.fires.after(from)
		if fire := shownAt(wall, t); !wall.IsZero() && (end.IsZero() || fire.Before(end)) {
			return fire
		}
		if end.IsZero() {
			break
		}
		// Offsets are smaller than a day, so a clock shows a reading less than a day from the same time in UTC. Nothing that
		// is two days in the past is shown again, and the periods until shortly before wall can be skipped.
		if near := wall.Add(-2 * day); near.After(end) && end.Sub(from) > 2*day {
			t = near.In(loc)
			_, end = constantOffset(t)
			continue
		}
		t = end.In(loc)
		begin := reading(t).Add(-1)
		if wall.IsZero() && !begin.Before(from) {
			break
		}
		from = begin
		if !c.hourly() {
			from = later(from, lastReading(end))
		}
		_, end = constantOffset(t)
	}
	return time.Time{}
}

// constantOffset returns the period around t in which the zone's offset is constant, or a part of it that ends later than t. For
// years after the last change in the database, ZoneBounds assumes 365 days (as of Go 1.26): on the last day of a leap year, the
// end that it returns is in the past.
func constantOffset(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).In(t.Location())
	}
	return start, end
}

// earliest returns a time before all times that an expression can match, in any zone.
func earliest() time.Time { return time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC).Add(-2 * day) }

// lastReading returns the last reading before a change of the zone's offset.
func lastReading(change time.Time) time.Time { return reading(change.Add(-1)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// firstShown returns when the clock in loc shows the reading for the first time. If the clock skips the reading, it returns
// when the clock would have shown it without the change.
func firstShown(wall time.Time, loc *time.Location) time.Time {
	for t := wall.Add(-2 * day).In(loc); ; {
		moment := shownAt(wall, t)
		start, end := constantOffset(t)
		switch {
		case !start.IsZero() && moment.Before(start):
			return shownAt(wall, start.Add(-1))
		case end.IsZero() || moment.Before(end):
			return moment
		}
		t = end
	}
}

// shownAt returns when a clock with the offset of t shows the reading.
func shownAt(wall, t time.Time) time.Time {
	_, offset := t.Zone()
	return wall.Add(-time.Duration(offset) * time.Second).In(t.Location())
}
