package schedule

import (
	"slices"
	"time"
)

// ClockChange is a change of a zone's clocks at which the agents of instances do not fire as the calendar says.
type ClockChange struct {
	Time     time.Time   // when the clocks change
	Calendar []time.Time // by the calendar, but not on the agents
	Agent    []time.Time // on the agents, but not by the calendar
	Last     time.Time   // the last time an agent fires until it is restarted; zero if it continues
}

// ClockChanges returns the changes between two times, in order, that have an effect on the agents.
func (f *Frequency) ClockChanges(from, until time.Time, local *time.Location) []ClockChange {
	if f.kind != Cron {
		return nil
	}
	var changes []ClockChange
	for t := from.In(f.in(local)); ; {
		start, end := constantOffset(t)
		if !start.IsZero() && start.After(from) {
			if change := f.compare(start, local); change.differs() {
				changes = append(changes, change)
			}
		}
		if end.IsZero() || end.After(until) {
			return changes
		}
		t = end
	}
}

// compare compares what agents do around a change with the calendar. Both agree again at twice the shift before and after it.
func (f *Frequency) compare(at time.Time, local *time.Location) ClockChange {
	shift := reading(at).Sub(lastReading(at)).Abs()
	begin, end := at.Add(-2*shift-time.Second), at.Add(2*shift)
	change := ClockChange{Time: at}
	var agent []time.Time
	for t := begin; ; {
		next, silent := f.AgentNext(t, local)
		if silent {
			change.Last, end = t, t.Add(1)
		}
		if next.IsZero() || !next.Before(end) {
			break
		}
		agent = append(agent, next)
		t = next
	}
	var calendar []time.Time
	for t := f.Next(begin, local); !t.IsZero() && t.Before(end); t = f.Next(t, local) {
		calendar = append(calendar, t)
	}
	change.Calendar, change.Agent = without(calendar, agent), without(agent, calendar)
	return change
}

func (c ClockChange) differs() bool {
	return len(c.Calendar) > 0 || len(c.Agent) > 0 || !c.Last.IsZero()
}

// without returns the times of all that are not in others. Both are in order.
func without(all, others []time.Time) []time.Time {
	var only []time.Time
	for _, t := range all {
		if i, found := slices.BinarySearchFunc(others, t, time.Time.Compare); found {
			others = others[i+1:]
		} else {
			only = append(only, t)
		}
	}
	return only
}
