package cmd

import (
	"fmt"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/schedule"
)

// nextFire is the time at which instances run a periodic command next.
type nextFire struct {
	time     time.Time // zero if they do not run it again, or if that is unknown
	calendar time.Time // when it is due by the calendar
	silent   bool      // they do not run it until their agents are restarted, because clocks have changed
}

// nextRun returns when the first active periodic command of a run runs next, or the zero time.
func nextRun(state *fleet.State) time.Time {
	for i := range state.Invocations {
		if invocation := &state.Invocations[i]; !invocation.InvocationStatus.Terminal() {
			return nextOf(invocation.Frequency, state.LastStart(invocation.InvokeId)).time
		}
	}
	return time.Time{}
}

// nextRunNotes returns a warning for each active periodic command that instances do not run next when it is due by the calendar.
func nextRunNotes(state *fleet.State) []string {
	var notes []string
	for i := range state.Invocations {
		invocation := &state.Invocations[i]
		if invocation.InvocationStatus.Terminal() {
			continue
		}
		if text := nextOf(invocation.Frequency, state.LastStart(invocation.InvokeId)).deviation(); text != "" {
			notes = append(notes, "warning: instances "+text+" "+invocation.InvokeId)
		}
	}
	return notes
}

// nextOf returns when instances run a command with a frequency next. Without a frequency, all is zero. An expression without a time
// zone follows this machine's clock.
func nextOf(frequency string, lastStart time.Time) nextFire {
	f, err := schedule.Parse(frequency)
	if err != nil {
		return nextFire{}
	}
	return nextFireAfter(f, lastStart, time.Now(), time.Local)
}

// nextFireAfter returns when a frequency fires next after now. lastStart is when the command last started on any instance, or the
// zero time. A rate counts from then, anything else follows the clock.
func nextFireAfter(f *schedule.Frequency, lastStart, now time.Time, local *time.Location) nextFire {
	if f.Kind() == schedule.Rate && !lastStart.IsZero() {
		now = lastStart
	}
	next := nextFire{calendar: f.Next(now, local)}
	if next.silent = silentSince(f, lastStart, now, local); next.silent {
		return next
	}
	next.time, next.silent = f.AgentNext(now, local)
	return next
}

// silentSince reports whether agents that fired at lastStart have become silent at a later change of clocks.
func silentSince(f *schedule.Frequency, lastStart, now time.Time, local *time.Location) bool {
	if lastStart.IsZero() {
		return false
	}
	for _, change := range f.ClockChanges(lastStart, now, local) {
		if !change.Last.IsZero() && !change.Last.After(now) {
			return true
		}
	}
	return false
}

// deviation describes how the next run differs from the calendar; it is empty if it does not.
func (n nextFire) deviation() string {
	switch {
	case n.calendar.IsZero() && n.time.IsZero(), n.calendar.Equal(n.time):
		return ""
	case n.silent:
		return "do not run it until their agents are restarted, because clocks have changed:"
	case n.calendar.IsZero():
		return fmt.Sprintf("run it next at %s, which is not a time of the schedule, because clocks change:", n.time.Format(time.RFC3339))
	}
	return fmt.Sprintf("run it next at %s instead of %s, because clocks change:", n.time.Format(time.RFC3339), n.calendar.Format(time.RFC3339))
}
