package assist

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace bounds how fast an action is called.
type Pace struct {
	PerSecond float64 // calls; 0 is no bound
	Burst     int     // calls that may go out at once
}

// WithPace keeps each action below its own rate. A throttled answer halves that action's rate, and every answer that is
// not throttled brings a little of it back: the quota is the account's, and others draw on it. When the answer says how long
// to wait, all calls of the action do: the others would be refused as well, and every refusal leaves more of what comes next
// to those who were not refused.
func WithPace(next Caller, pace Pace) Caller {
	if pace.PerSecond <= 0 {
		return next
	}
	return &paced{next: next, pace: pace, limiters: map[string]*rate.Limiter{}, halved: map[string]time.Time{}, until: map[string]time.Time{}}
}

type paced struct {
	next Caller
	pace Pace

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	halved   map[string]time.Time // when an action's rate was last halved
	until    map[string]time.Time // when an action may be called again
}

func (p *paced) Call(ctx context.Context, request Request, response any) error {
	limiter := p.limiter(request.Action())
	if err := limiter.Wait(ctx); err != nil {
		<-ctx.Done() // the limiter sees before that the wait would end after the deadline
		return context.Cause(ctx)
	}
	if err := p.holdOff(ctx, request.Action()); err != nil {
		return err
	}
	sent := time.Now()
	err := p.next.Call(ctx, request, response)
	p.adjust(request.Action(), limiter, sent, err)
	return err
}

// holdOff waits for as long as the service has said.
func (p *paced) holdOff(ctx context.Context, action string) error {
	p.mu.Lock()
	until := p.until[action]
	p.mu.Unlock()
	wait := time.Until(until)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *paced) limiter(action string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limiters[action] == nil {
		p.limiters[action] = rate.NewLimiter(rate.Limit(p.pace.PerSecond), max(p.pace.Burst, 1))
	}
	return p.limiters[action]
}

// adjust never goes under one call in ten seconds, nor over the full rate, and takes back a tenth of that at each good
// answer. Calls that were under way when the rate was halved neither halve it again nor bring any of it back.
func (p *paced) adjust(action string, limiter *rate.Limiter, sent time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	full := rate.Limit(p.pace.PerSecond)
	halved, ok := p.halved[action]
	var refused *Error
	switch {
	case errors.As(err, &refused) && refused.Throttled():
		if until := time.Now().Add(refused.RetryAfter); refused.RetryAfter > 0 && until.After(p.until[action]) {
			p.until[action] = until
		}
		if ok && !sent.After(halved) {
			return
		}
		p.halved[action] = time.Now()
		limiter.SetLimit(max(limiter.Limit()/2, min(rate.Every(10*time.Second), full)))
		limiter.SetBurst(1)
	case limiter.Limit() < full && !sent.Before(halved):
		limiter.SetLimit(min(limiter.Limit()+full/10, full))
		if limiter.Limit() == full {
			limiter.SetBurst(max(p.pace.Burst, 1))
		}
	}
}
