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

// LimitError says that a frequency, though well written, is not one that the service takes.
type LimitError struct {
	Text   string
	Gap    time.Duration // the interval, or the smallest time between two fires
	Limit  time.Duration // the limit that it breaks
	Reason string
}

func (e *LimitError) Error() string { return fmt.Sprintf("frequency %q: %s", e.Text, e.Reason) }

// Check holds a frequency against the service's limits, for a command with this timeout; 0 is one without. A rate must
// be 60 seconds to 7 days, and longer than the timeout. The fires of a cron must be 10 seconds apart or more, and no
// less than the timeout. An at has no limit. An error is a *LimitError.
//
// Where two fires of a cron are nearest is worked out, not sampled: see nearest. It is a matter of the expression alone
// and the same in every zone; that a clock put forward brings two fires nearer once a year does not count.
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
	gap, found := c.nearest(max(minGap, timeout))
	switch {
	case !found:
		return nil
	case gap < minGap:
		return exceeds(gap, minGap, "it fires %s apart, and %s are needed", gap, minGap)
	}
	return exceeds(gap, timeout, "it fires %s apart, which is less than the timeout of %s", gap, timeout)
}

func exceeds(gap, limit time.Duration, format string, durations ...time.Duration) *LimitError {
	var said []any
	for _, d := range durations {
		said = append(said, spell(d))
	}
	return &LimitError{Gap: gap, Limit: limit, Reason: fmt.Sprintf(format, said...)}
}

// nearest is the smallest time between two consecutive fires, if it is below limit.
//
// Every day that fires at all fires at the same times. So the smallest gap is either one within a day, of which all are
// looked at, or the one from a day's last time to the first of the next day that fires. That one can only be below
// limit if few enough days lie between the two, and only then the calendar is searched for such days: to its end, or,
// where no year is left out, for the 28 years after which dates and weekdays come again (as they do from 1970 to 2099).
func (c *cron) nearest(limit time.Duration) (gap time.Duration, found bool) {
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
	date := c.days.after(beginning())
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
