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
// to those who were not refused. That holds for waits that a call of WithRetry is patient enough for: a longer one is the
// refused call's own. A call that would be held back for longer than it is patient ends at once with the refusal.
func WithPace(next Caller, pace Pace) Caller {
	if pace.PerSecond <= 0 {
		return next
	}
	return &paced{next: next, pace: pace, limiters: map[string]*rate.Limiter{}, halved: map[string]time.Time{}, held: map[string]hold{}}
}

type paced struct {
	next Caller
	pace Pace

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	halved   map[string]time.Time // when an action's rate was last halved
	held     map[string]hold
}

// hold is until when no call of an action is sent, and which refusal was the last.
type hold struct {
	until time.Time
	why   *Error
}

func (p *paced) Call(ctx context.Context, request Request, response any) error {
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

// turn waits for the call's turn. At the full rate that is no failure, and does not count against the call's patience.
func (p *paced) turn(ctx context.Context, action string, limiter *rate.Limiter) error {
	if sending := sendingOf(ctx); sending.Err() != nil {
		return &unsentError{context.Cause(sending)}
	}
	reserved := limiter.Reserve()
	wait := reserved.Delay()
	if wait <= 0 {
		return nil
	}
	patience := patienceOf(ctx)
	why := p.slowed(action, limiter)
	if why != nil && !patience.outlasts(wait) {
		reserved.Cancel()
		return &heldError{why}
	}
	if why != nil {
		patience.await(why, wait)
	} else {
		began := time.Now()
		defer func() { patience.exclude(time.Since(began)) }()
	}
	deadline, ends := ctx.Deadline()
	inVain := ends && time.Until(deadline) < wait
	if inVain {
		reserved.Cancel() // the turn is another call's
	}
	err := pause(ctx, wait)
	if err == nil {
		return nil
	}
	if !inVain {
		reserved.Cancel()
	}
	return p.ended(err, action, why)
}

// slowed is why an action is not called at its full rate; nil when it is.
func (p *paced) slowed(action string, limiter *rate.Limiter) *Error {
	if limiter.Limit() >= rate.Limit(p.pace.PerSecond) {
		return nil
	}
	return p.hold(action).why
}

// holdOff waits for as long as the service has said.
func (p *paced) holdOff(ctx context.Context, action string) error {
	for {
		hold := p.hold(action)
		wait := time.Until(hold.until)
		if wait <= 0 {
			return nil
		}
		patience := patienceOf(ctx)
		if !patience.outlasts(wait) {
			return &heldError{hold.why}
		}
		patience.await(hold.why, wait)
		if err := pause(ctx, wait); err != nil {
			return p.ended(err, action, hold.why)
		}
	}
}

// ended is the end of a call by its context while it was held back.
func (p *paced) ended(cause error, action string, why *Error) error {
	if why == nil {
		return &unsentError{cause}
	}
	return &unsentError{&GaveUpError{Action: action, Cause: cause, Last: why}}
}

func (p *paced) hold(action string) hold {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[action]
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
func (p *paced) adjust(ctx context.Context, action string, limiter *rate.Limiter, sent time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	full := rate.Limit(p.pace.PerSecond)
	halved, ok := p.halved[action]
	refused, isRefusal := errors.AsType[*Error](err)
	switch {
	case isRefusal && refused.Throttled():
		held := p.held[action]
		if until := time.Now().Add(refused.RetryAfter); patienceOf(ctx).shares(refused.RetryAfter) && until.After(held.until) {
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
			limiter.SetBurst(max(p.pace.Burst, 1))
		}
	}
}
