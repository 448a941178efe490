package assist

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Waiting is what a call waits for after a failure: its own, or one of another call that holds it back.
type Waiting struct {
	Request Request   // the same pointer for all that one call waits for
	Err     error     // what the last try failed with
	Tries   int       // of the call so far
	Until   time.Time // when it is sent again; zero once the call has ended, whether well or not
}

// patience is how long one call goes on. It travels in the call's context, so that what holds the call back counts, too.
// It belongs to the goroutine of the call.
type patience struct {
	policy  *RetryPolicy
	request Request
	began   time.Time
	waits   *backoff.ExponentialBackOff // nil until the first failure

	attempts int // tries, and those that came to nothing before they were sent
	tries    int
	hints    int   // tries that the service gave a hint for
	foreign  int   // tries whose answer was not the API's
	last     error // of the tries
	doubt    bool  // whether a try may have been carried out
	lasting  bool  // Lasting has heard of it
	waited   bool  // Waiting has
}

type patienceKey struct{}

func patienceOf(ctx context.Context) *patience {
	p, _ := ctx.Value(patienceKey{}).(*patience)
	return p
}

// outlasts reports whether a call is patient enough for a wait. One without a policy is patient without end.
func (p *patience) outlasts(wait time.Duration) bool {
	return p == nil || p.policy.Elapsed <= 0 || wait <= p.policy.Elapsed-time.Since(p.began)
}

// shares reports whether a wait that the service asks a call for is for all calls of the action.
func (p *patience) shares(wait time.Duration) bool {
	if p == nil || p.policy.Elapsed <= 0 {
		return wait <= DefaultRetryPolicy().Elapsed
	}
	return wait <= p.policy.Elapsed
}

// exclude leaves a wait before the first try out of account, of which no failure is the reason.
func (p *patience) exclude(wait time.Duration) {
	if p != nil && p.tries == 0 {
		p.began = p.began.Add(wait)
	}
}

// shortHints is how many hints of one call are kept to that ask for less than a second.
const shortHints = 10

// failed takes the error of a try, and returns how long to wait before the next one.
func (p *patience) failed(err error) time.Duration {
	p.last = err
	if p.waits == nil {
		p.waits = backoff.NewExponentialBackOff()
		p.waits.InitialInterval, p.waits.MaxInterval = p.policy.Initial, p.policy.Max
	}
	wait := p.waits.NextBackOff()
	if refused, ok := errors.AsType[*Error](err); ok && refused.RetryAfter > 0 {
		if p.hints++; p.hints <= shortHints {
			return refused.RetryAfter
		}
		return max(refused.RetryAfter, min(wait, time.Second))
	}
	return wait
}

// await tells whoever listens of a wait that begins.
func (p *patience) await(err error, wait time.Duration) {
	if p == nil {
		return
	}
	if p.policy.Waiting != nil {
		p.waited = true
		p.policy.Waiting(Waiting{Request: p.request, Err: err, Tries: p.tries, Until: time.Now().Add(wait)})
	}
	if p.policy.Lasting != nil && !p.lasting && wait >= p.policy.Patience-time.Since(p.began) {
		p.lasting = true
		p.policy.Lasting(p.request, err)
	}
}

// over tells whoever listens that the call has ended.
func (p *patience) over() {
	if p.waited {
		p.policy.Waiting(Waiting{Request: p.request, Err: p.last, Tries: p.tries})
	}
}

// gaveUp is the end of a call by its context. err is what the context's end was seen as.
func (p *patience) gaveUp(ctx context.Context, err error) error {
	end := &GaveUpError{Action: p.request.Action(), Cause: context.Cause(sendingOf(ctx)), Last: p.last, Tries: p.tries, doubt: p.doubt}
	if end.Last != nil {
		return end
	}
	if held, ok := errors.AsType[*GaveUpError](err); ok {
		end.Last, end.Tries = held.Last, 0
		return end
	}
	return err // nothing had failed before
}

// pause waits for a while, or until nothing more is to be sent.
func pause(ctx context.Context, wait time.Duration) error {
	sending := sendingOf(ctx)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-sending.Done():
		return context.Cause(sending)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
