package render

import (
	"time"

	"muster/pkg/assist"
)

// durations caches the last duration, since neighbours often have the same.
type durations struct{ start, finish, text string }

func (d *durations) of(start, finish string) string {
	if d.text == "" || d.start != start || d.finish != finish {
		*d = durations{start, finish, duration(start, finish)}
	}
	return d.text
}

// duration formats the time between two times of the service, which are in whole seconds.
func duration(start, finish string) string {
	d, ok := lasted(start, finish)
	if !ok {
		return "-"
	}
	return wholeSeconds(d)
}

// lasted returns the time between two times of the service. It returns false if it has not ended.
func lasted(start, finish string) (time.Duration, bool) {
	from, to := assist.ParseTime(start), assist.ParseTime(finish)
	return to.Sub(from), !from.IsZero() && !to.IsZero() && !to.Before(from)
}

func wholeSeconds(d time.Duration) string {
	if d > 0 {
		return d.String()
	}
	return "<1s"
}
