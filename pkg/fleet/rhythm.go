package fleet

import "time"

// rhythm says how long to wait between two rounds of questions: short at first, longer while nothing changes, short
// again when something does. It stays under a twenty-fifth of the time that has passed, so that a long run's end is seen
// without much delay and at little cost.
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
)

// next returns the next pause, after a round of so many calls. Where more is sent as instances end, turnover is how long one
// takes, and the pause stays under a twenty-fifth of that; it is 0 elsewhere.
func (r *rhythm) next(changed bool, calls int, turnover time.Duration) time.Duration {
	floor := max(shortestPause, time.Duration(calls)*pausePerCall)
	ceiling := max(min(time.Since(r.started)/25, r.longest), earlyCeiling, floor)
	if turnover > 0 {
		ceiling = max(min(turnover/25, r.longest), floor)
	}
	if changed || r.last == 0 {
		r.last = floor
	} else {
		r.last = min(max(r.last*3/2, floor), ceiling)
	}
	return r.last
}
