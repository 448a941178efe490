package fleet

import "time"

// pollInterval computes the pauses between polling rounds: short at first, longer while nothing ends, short again when something
// does. A pause stays below a twenty-fifth of the time that has passed, so that the end of a long run is seen with little delay
// and at little cost.
type pollInterval struct {
	started time.Time
	last    time.Duration
	longest time.Duration // the longest pause
}

const (
	shortestPause = 100 * time.Millisecond
	earlyCeiling  = 250 * time.Millisecond
	longestPause  = 10 * time.Second
	followPause   = 2 * time.Second       // the longest one while lines are followed
	pausePerCall  = 25 * time.Millisecond // rounds with many calls are less frequent

	// longTrip is the duration of a round from which on the link is slow, and the answer takes most of the wait. Rounds are less
	// frequent there at first; when most scripts end, from usualFrom to usualTo after the start, there is one per usualPeriod.
	longTrip    = 100 * time.Millisecond
	usualFrom   = 2300 * time.Millisecond
	usualTo     = 3 * time.Second
	usualPeriod = 300 * time.Millisecond
)

// next returns the next pause, after a round with the given number of calls and duration, in which something may have ended. If
// more is sent as instances end, turnover is the duration of the script on an instance, and the pause stays below a
// twenty-fifth of that; otherwise turnover is 0.
func (r *pollInterval) next(ended bool, calls int, took, turnover time.Duration) time.Duration {
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
