package lab

import "time"

// Clock is what schedules go by.
type Clock interface {
	Now() time.Time
	// Alarm gives a channel that hears when a time has come, at once if it has already. Stop is to be called in the end.
	Alarm(at time.Time) (rings <-chan time.Time, stop func())
}

// systemClock is the machine's. What it tells has no monotonic reading: a schedule goes by what a clock on the wall shows.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) Alarm(at time.Time) (<-chan time.Time, func()) {
	timer := time.NewTimer(time.Until(at))
	return timer.C, func() { timer.Stop() }
}
