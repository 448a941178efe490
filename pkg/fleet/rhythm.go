package fleet

import "time"

// rhythm says how long to wait between two rounds of questions: short at first, longer while nothing ends, short again when
// something does. It stays under a twenty-fifth of the time that has passed, so that a long run's end is seen without much delay
// and at little cost.
type rhythm struct {
	started time.Time
	last    time.Duration
	longest time.Duration // how long a pause may get
}

const (
	shortestPause = 100 * time.Millisecond
	earlyCeiling  = 250 * time.Millisecond
	longestPause  = 10 * time.Second
	followPause   = 2 * time.Second       // the longest one while somebody waits for lines
	pausePerCall  = 25 * time.Millisecond // a round of many calls comes less often

	// longTrip is how long a round takes on a link where its answer is most of the wait. Questions are asked there less often to
	// begin with, and when most scripts end, which is from usualFrom to usualTo after the beginning, once in usualPeriod.
	longTrip    = 100 * time.Millisecond
	usualFrom   = 2300 * time.Millisecond
	usualTo     = 3 * time.Second
	usualPeriod = 300 * time.Millisecond
)

// next returns the next pause, after a round of so many calls that took so long, in which something may have ended. Where more
// is sent as instances end, turnover is how long one takes, and the pause stays under a twenty-fifth of that; it is 0 elsewhere.
func (r *rhythm) next(ended bool, calls int, took, turnover time.Duration) time.Duration {
	floor := max(shortestPause, time.Duration(calls)*pausePerCall)
	since := time.Since(r.started)
	ceiling := max(min(since/25, r.longest), earlyCeiling, floor)
	if turnover > 0 {
		ceiling = max(min(turnover/25, r.longest), floor)
	}
	switch {
	case r.last == 0 && took >= longTrip && !ended:
		r.last = ceiling
	case ended || r.last == 0:
		r.last = floor
	default:
		r.last = min(max(r.last*3/2, floor), ceiling)
	}
	if took >= longTrip && since >= usualFrom && since <= usualTo {
		return max(min(r.last, usualPeriod-took), shortestPause/2, time.Duration(calls-1)*pausePerCall)
	}
	return r.last
}
