package lab

import (
	"time"

	"muster/pkg/assist"
)

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

// timeFormatter writes times as assist.FormatTime does, and remembers the last few: an answer tells the same ones often.
type timeFormatter struct {
	times [4]struct {
		second int64
		text   string
	}
}

func (c *timeFormatter) format(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	second := t.Unix()
	known := &c.times[second&3]
	if known.text == "" || known.second != second {
		known.second, known.text = second, assist.FormatTime(t)
	}
	return known.text
}

// seconds makes a time-out of a request's number, which may be larger than any duration.
func seconds(n int64) time.Duration {
	const aCentury = 100 * 366 * 24 * 60 * 60
	return time.Duration(min(n, aCentury)) * time.Second
}
