package render

import (
	"fmt"
	"math"
	"time"
)

// completionRate is the number of targets that end per second. It averages over a quarter of the elapsed time. Targets that had ended
// before the first measurement do not count.
type completionRate struct {
	rate  float64
	ended int
	at    time.Time // of the last measurement
	moved time.Time // when the last target ended
}

func (p *completionRate) span(elapsed time.Duration) time.Duration {
	return max(elapsed/4, time.Second)
}

func (p *completionRate) measure(ended int, now time.Time, elapsed time.Duration) {
	news, passed := ended-p.ended, now.Sub(p.at).Seconds()
	first := p.at.IsZero()
	p.at, p.ended = now, ended
	if first || passed <= 0 {
		return
	}
	if news > 0 {
		p.moved = now
	}
	weight := 1 - math.Exp(-passed/p.span(elapsed).Seconds())
	p.rate += (float64(news)/passed - p.rate) * weight
}

// left returns how long n more targets will take. It returns false if none has ended for a while.
func (p *completionRate) left(n int, now time.Time, elapsed time.Duration) (time.Duration, bool) {
	const tooFar = 1000 * time.Hour
	if n == 0 || p.moved.IsZero() || now.Sub(p.moved) > 2*p.span(elapsed) || p.rate <= 0 {
		return 0, false
	}
	seconds := float64(n) / p.rate
	if seconds > tooFar.Seconds() {
		return 0, false
	}
	return max(time.Second, time.Duration(seconds*float64(time.Second)).Round(time.Second)), true
}

// String is empty if hardly any targets end.
func (p *completionRate) String() string {
	switch rate := p.rate; {
	case rate >= 10:
		return fmt.Sprintf("%.0f/s", rate)
	case rate >= 0.2:
		return fmt.Sprintf("%.1f/s", rate)
	case rate*60 >= 0.1:
		return fmt.Sprintf("%.1f/min", rate*60)
	}
	return ""
}
