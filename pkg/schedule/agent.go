package schedule

import "time"

// AgentNext is like [Frequency.Next], but returns when the agent of an instance fires. The two differ for a cron at a change of
// the zone's clocks. If silent is true, the agent that has fired at the time after does not fire again until it is restarted.
//
// The agent looks for the next matching reading of the clock, as if the clock never changed, and converts it into a time with
// time.Date. A clock change has these effects:
//
//   - The time of a reading that the clock skips is wrong by the length of the skip: too early west of Greenwich, too late east
//     of it.
//   - Of a reading that the clock shows twice, only one counts: the first west of Greenwich, the second elsewhere. In between
//     nothing fires, not even an expression for every hour.
//   - If the time is not in the future, because it is too early by the length of the skip, the agent's timer ends.
//
// This was measured with build 578 of the agent; later builds are assumed to do the same.
func (f *Frequency) AgentNext(after time.Time, local *time.Location) (next time.Time, silent bool) {
	c, ok := f.rule.(*cron)
	if !ok {
		return f.Next(after, local), false
	}
	loc := f.in(local)
	wall := c.fires.after(reading(later(after, earliest()).In(loc)))
	if wall.IsZero() {
		return time.Time{}, false
	}
	if next = normalized(wall, loc); !next.After(after) {
		return time.Time{}, true
	}
	return next, false
}

// AgentFires returns the first n times later than from at which an agent fires, or all if there are fewer, and whether the agent
// is silent after the last of them until it is restarted.
func (f *Frequency) AgentFires(from time.Time, local *time.Location, n int) (fires []time.Time, silent bool) {
	for {
		from, silent = f.AgentNext(from, local)
		if from.IsZero() || len(fires) >= n {
			return fires, silent
		}
		fires = append(fires, from)
	}
}

// normalized returns the time that time.Date makes of a reading. It tries the offset of the zone at the moment that has the
// reading in UTC. If that gives a time at which the offset is another, it takes the other. For a reading that is skipped or shown
// twice, the result depends on Go's implementation, hence this copy of what Go 1.20, with which the agent is built, does.
func normalized(wall time.Time, loc *time.Location) time.Time {
	moment := shownAt(wall, wall.In(loc))
	return shownAt(wall, moment)
}
