package assist

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RateLimit is the maximum rate of calls of an action.
type RateLimit struct {
	PerSecond float64 // calls per second; 0 means no limit
	Burst     int     // calls that may be sent at once
}

// WithRateLimit limits the rate of each action separately. The quota belongs to the account, and other programs use it too: a throttled
// response halves the action's rate, and every other response restores a part of it. If a throttled response requests a wait, all
// calls of the action wait, because the service would refuse them as well. This does not apply to waits that are longer than
// RetryPolicy.Elapsed, which only affect the refused call. A call that would have to wait longer than its remaining RetryPolicy.Elapsed
// fails immediately with the refusal.
func WithRateLimit(next Caller, limit RateLimit) Caller {
	if limit.PerSecond <= 0 {
		return next
	}
	return &rateLimited{next: next, limit: limit, limiters: map[string]*rate.Limiter{}, halved: map[string]time.Time{}, held: map[string]hold{}}
}

type rateLimited struct {
	next  Caller
	limit RateLimit

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	halved   map[string]time.Time // when an action's rate was last halved
	held     map[string]hold
}

// hold is the time until which no call of an action is sent, with the last refusal.
type hold struct {
	until time.Time
	why   *Error
}

func (p *rateLimited) Call(ctx context.Context, request Request, response any) error {
	limiter := p.limiter(request.Action())
	if err := p.turn(ctx, request.Action(), limiter); err != nil {
		return err
	}
	if err := p.holdOff(ctx, request.Action()); err != nil {
		return err
	}
	sent := time.Now()
	err := p.next.Call(ctx, request, response)
	p.adjust(ctx, request.Action(), limiter, sent, err)
	return err
}

// turn waits for the rate limit. A wait at the full rate does not count towards RetryPolicy.Elapsed.
func (p *rateLimited) turn(ctx context.Context, action string, limiter *rate.Limiter) error {
	if sending := sendingOf(ctx); sending.Err() != nil {
		return &unsentError{context.Cause(sending)}
	}
	reserved := limiter.Reserve()
	wait := reserved.Delay()
	if wait <= 0 {
		return nil
	}
	state := retryStateOf(ctx)
	why := p.slowed(action, limiter)
	if why != nil && !state.allows(wait) {
		reserved.Cancel()
		return &heldError{why}
	}
	if why != nil {
		state.notifyWait(why, wait)
	} else {
		began := time.Now()
		defer func() { state.exclude(time.Since(began)) }()
	}
	deadline, ends := ctx.Deadline()
	tooLate := ends && time.Until(deadline) < wait
	if tooLate {
		reserved.Cancel() // for another call
	}
	err := pause(ctx, wait)
	if err == nil {
		return nil
	}
	if !tooLate {
		reserved.Cancel()
	}
	return p.ended(err, action, why)
}

// slowed returns why an action is not called at its full rate, or nil if it is.
func (p *rateLimited) slowed(action string, limiter *rate.Limiter) *Error {
	if limiter.Limit() >= rate.Limit(p.limit.PerSecond) {
		return nil
	}
	return p.hold(action).why
}

// holdOff waits as long as the service has requested.
func (p *rateLimited) holdOff(ctx context.Context, action string) error {
	for {
		hold := p.hold(action)
		wait := time.Until(hold.until)
		if wait <= 0 {
			return nil
		}
		state := retryStateOf(ctx)
		if !state.allows(wait) {
			return &heldError{hold.why}
		}
		state.notifyWait(hold.why, wait)
		if err := pause(ctx, wait); err != nil {
			return p.ended(err, action, hold.why)
		}
	}
}

// ended returns the error of a call whose context ended while it was waiting.
func (p *rateLimited) ended(cause error, action string, why *Error) error {
	if why == nil {
		return &unsentError{cause}
	}
	return &unsentError{&GaveUpError{Action: action, Cause: cause, Last: why}}
}

func (p *rateLimited) hold(action string) hold {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[action]
}

func (p *rateLimited) limiter(action string) *rate.Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limiters[action] == nil {
		p.limiters[action] = rate.NewLimiter(rate.Limit(p.limit.PerSecond), max(p.limit.Burst, 1))
	}
	return p.limiters[action]
}

// adjust adapts the rate of an action to the outcome of a call. The rate is never below one call in ten seconds. Each successful call
// restores a tenth of the full rate. Calls that were in progress when the rate was halved do not change it.
func (p *rateLimited) adjust(ctx context.Context, action string, limiter *rate.Limiter, sent time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	full := rate.Limit(p.limit.PerSecond)
	halved, ok := p.halved[action]
	refused, isRefusal := errors.AsType[*Error](err)
	switch {
	case isRefusal && refused.Throttled():
		held := p.held[action]
		if until := time.Now().Add(refused.RetryAfter); retryStateOf(ctx).shares(refused.RetryAfter) && until.After(held.until) {
			held.until = until
		}
		held.why = refused
		p.held[action] = held
		if ok && !sent.After(halved) {
			return
		}
		p.halved[action] = time.Now()
		limiter.SetLimit(max(limiter.Limit()/2, min(rate.Every(10*time.Second), full)))
		limiter.SetBurst(1)
	case limiter.Limit() < full && !sent.Before(halved):
		limiter.SetLimit(min(limiter.Limit()+full/10, full))
		if limiter.Limit() == full {
			limiter.SetBurst(max(p.limit.Burst, 1))
		}
	}
}
