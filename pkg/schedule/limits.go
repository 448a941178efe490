package schedule

import (
	"fmt"
	"time"
)

const (
	minRate = time.Minute
	maxRate = 7 * day
	minGap  = 10 * time.Second
)

// LimitError reports that a valid frequency exceeds one of the service's limits.
type LimitError struct {
	Text   string
	Gap    time.Duration // the interval, or the smallest time between two fires
	Limit  time.Duration // the limit that the gap exceeds
	Reason string
}

func (e *LimitError) Error() string { return fmt.Sprintf("frequency %q: %s", e.Text, e.Reason) }

// Check checks the frequency against the service's limits for a command with the given timeout, or without one if it is 0. A
// rate must be 60 seconds to 7 days, and longer than the timeout. The fires of a cron must be at least 10 seconds and at least
// the timeout apart. An at has no limit. An error is a [*LimitError].
//
// The smallest gap of a cron is computed from the expression alone, not sampled, and is the same in every zone. Fires that are
// nearer because a clock is set forward do not count.
func (f *Frequency) Check(timeout time.Duration) error {
	if err := f.rule.check(timeout); err != nil {
		err.Text = f.text
		return err
	}
	return nil
}

func (r *rate) check(timeout time.Duration) *LimitError {
	interval := r.interval()
	switch {
	case interval < minRate:
		return exceeds(interval, minRate, "an interval of %s is shorter than %s", interval, minRate)
	case interval > maxRate:
		return exceeds(interval, maxRate, "an interval of %s is longer than %s", interval, maxRate)
	case interval <= timeout:
		return exceeds(interval, timeout, "an interval of %s is not longer than the timeout of %s", interval, timeout)
	}
	return nil
}

func (*at) check(time.Duration) *LimitError { return nil }

func (c *cron) check(timeout time.Duration) *LimitError {
	gap, found := c.smallestGap(max(minGap, timeout))
	switch {
	case !found:
		return nil
	case gap < minGap:
		return exceeds(gap, minGap, "it fires %s apart, and %s are needed", gap, minGap)
	}
	return exceeds(gap, timeout, "it fires %s apart, which is less than the timeout of %s", gap, timeout)
}

func exceeds(gap, limit time.Duration, format string, durations ...time.Duration) *LimitError {
	var words []any
	for _, d := range durations {
		words = append(words, formatDuration(d))
	}
	return &LimitError{Gap: gap, Limit: limit, Reason: fmt.Sprintf(format, words...)}
}

// smallestGap returns the smallest time between two consecutive fires, if it is below limit.
//
// Every day with fires has them at the same times. The smallest gap is therefore either within a day, where all gaps are
// compared, or between the last fire of a day and the first of the next day with fires. The latter is only below limit if few
// days are in between. Only then, smallestGap searches the calendar for such days: to its end, or, if the expression includes
// every year, for the 28 years after which dates and weekdays repeat (as they do from 1970 to 2099).
func (c *cron) smallestGap(limit time.Duration) (gap time.Duration, found bool) {
	gap = limit
	first, last := -1, -1
	for at := range c.times() {
		if first < 0 {
			first = at
		} else {
			gap = min(gap, time.Duration(at-last)*time.Second)
		}
		last = at
	}
	date := c.days.after(earliest())
	if date.IsZero() {
		return 0, false
	}
	busy := time.Duration(last-first) * time.Second
	enough := lastYear
	if step, even := evenStep(c.years.list); even && step == 1 {
		enough = date.Year() + 28
	}
	for gap > day-busy && date.Year() <= enough {
		next := c.days.after(date)
		if next.IsZero() {
			break
		}
		gap = min(gap, next.Sub(date)-busy)
		date = next
	}
	return gap, gap < limit
}
