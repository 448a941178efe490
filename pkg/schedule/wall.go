package schedule

import "time"

// reading is what a wall clock shows at t, as a time in UTC.
func reading(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// next walks the stretches of time in which the zone keeps its offset.
//
// A reading that the clock skips does not fire, on that day: so it is on an instance. A reading that the clock shows
// twice fires the first time only, except in an expression for every hour: that one is about the minutes, not the time
// of day, and would otherwise pause for as long as the clock is put back.
func (c *cron) next(after time.Time, loc *time.Location) time.Time {
	t := later(after, beginning()).In(loc)
	start, end := stretch(t)
	from := reading(t) // readings up to this one are over
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
		// No offset is as wide as a day, so no clock shows a reading more than a day away from the same time in UTC: two
		// days aside, nothing that is over can be shown again, and the stretches up to shortly before wall can be left out.
		if near := wall.Add(-2 * day); near.After(end) && end.Sub(from) > 2*day {
			t = near.In(loc)
			_, end = stretch(t)
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
		_, end = stretch(t)
	}
	return time.Time{}
}

// stretch is the time around t in which the zone keeps its offset, or a part of it that ends later than t. ZoneBounds
// takes every year after the last change in the database for one of 365 days (as of Go 1.26), so on the last day of a
// leap year it tells an end that is over.
func stretch(t time.Time) (start, end time.Time) {
	start, end = t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		end = time.Date(t.UTC().Year()+1, 1, 1, 0, 0, 0, 0, time.UTC).In(t.Location())
	}
	return start, end
}

// beginning is before all that an expression can match, in any zone.
func beginning() time.Time { return time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC).Add(-2 * day) }

// lastReading is the last reading before the zone changed its offset.
func lastReading(change time.Time) time.Time { return reading(change.Add(-1)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// firstShown is when the clock shows the reading, for the first time if it does so twice. If the clock skips it, it is
// when the clock would have shown it, had it not been put forward.
func firstShown(wall time.Time, loc *time.Location) time.Time {
	for t := wall.Add(-2 * day).In(loc); ; {
		moment := shownAt(wall, t)
		start, end := stretch(t)
		switch {
		case !start.IsZero() && moment.Before(start):
			return shownAt(wall, start.Add(-1))
		case end.IsZero() || moment.Before(end):
			return moment
		}
		t = end
	}
}

// shownAt is when a clock with the offset that it has at t shows the reading.
func shownAt(wall, t time.Time) time.Time {
	_, offset := t.Zone()
	return wall.Add(-time.Duration(offset) * time.Second).In(t.Location())
}
