package lab

import (
	"time"

	"muster/pkg/assist"
)

// Clock is the clock that schedules follow.
type Clock interface {
	Now() time.Time
	// Alarm returns a channel that receives once the given time is reached, at once if it has passed. Call stop to release the
	// alarm.
	Alarm(at time.Time) (fires <-chan time.Time, stop func())
}

// systemClock is the clock of this machine. Its times have no monotonic reading, because schedules follow the wall clock.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) Alarm(at time.Time) (<-chan time.Time, func()) {
	timer := time.NewTimer(time.Until(at))
	return timer.C, func() { timer.Stop() }
}

// timeFormatter formats times like [assist.FormatTime]. It caches the last few, because a response repeats the same times.
type timeFormatter struct {
	times [4]struct {
		second int64
		text   string
	}
}

func (f *timeFormatter) format(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	second := t.Unix()
	cached := &f.times[second&3]
	if cached.text == "" || cached.second != second {
		cached.second, cached.text = second, assist.FormatTime(t)
	}
	return cached.text
}

// seconds returns the timeout of a request as a duration. The number of seconds may exceed the range of durations.
func seconds(n int64) time.Duration {
	const century = 100 * 366 * 24 * 60 * 60
	return time.Duration(min(n, century)) * time.Second
}
