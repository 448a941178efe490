package assist

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Waiting is the state of a call that waits after a failure: its own, or that of another call of the action.
type Waiting struct {
	Request Request   // the same pointer for all waits of a call
	Err     error     // the error of the last attempt
	Tries   int       // the number of attempts of the call so far
	Until   time.Time // when the call is sent again; zero when it has succeeded or failed
}

// retryState is the state of a call that may be retried. It is in the call's context, so that waits in inner Callers count too. It must
// only be used by the goroutine of the call.
type retryState struct {
	policy    *RetryPolicy
	request   Request
	began     time.Time
	backoff   *backoff.ExponentialBackOff // nil until the first failure
	successes *lastSuccesses              // of all calls

	attempts int   // including those that failed before they were sent
	tries    int   // attempts that were sent
	hints    int   // responses that requested a wait
	foreign  int   // responses that were not the API's
	last     error // of the latest attempt
	inDoubt  bool  // whether an attempt may have been carried out
	delayed  bool  // whether Delayed was called
	waited   bool  // whether Waiting was called
}

type retryStateKey struct{}

func retryStateOf(ctx context.Context) *retryState {
	p, _ := ctx.Value(retryStateKey{}).(*retryState)
	return p
}

// allows reports whether a wait is within the rest of policy.Elapsed or, for a throttled call, of policy.Throttled. A call without a
// limit allows every wait.
func (p *retryState) allows(wait time.Duration) bool {
	if p == nil || p.policy.Elapsed <= 0 || wait <= p.policy.Elapsed-time.Since(p.began) {
		return true
	}
	return p.throttled() && wait <= p.policy.Elapsed-time.Since(p.successes.last(p.request.Action())) &&
		wait <= p.policy.Throttled-time.Since(p.began)
}

// throttled reports whether the call waits because the service throttles its action. A call that has not failed itself waits only
// because others were throttled.
func (p *retryState) throttled() bool {
	refused, ok := errors.AsType[*Error](p.last)
	return p.last == nil || ok && refused.Throttled()
}

// shares reports whether all calls of the action share a wait that the service requests.
func (p *retryState) shares(wait time.Duration) bool {
	if p == nil || p.policy.Elapsed <= 0 {
		return wait <= DefaultRetryPolicy().Elapsed
	}
	return wait <= p.policy.Elapsed
}

// exclude does not count a wait before the first attempt, which has no failure as its reason.
func (p *retryState) exclude(wait time.Duration) {
	if p != nil && p.tries == 0 {
		p.began = p.began.Add(wait)
	}
}

// maxShortHints is the number of requested waits of less than a second that a call follows.
const maxShortHints = 10

// failed records the error of an attempt. It returns how long to wait before the next one.
func (p *retryState) failed(err error) time.Duration {
	p.last = err
	if p.backoff == nil {
		p.backoff = backoff.NewExponentialBackOff()
		p.backoff.InitialInterval, p.backoff.MaxInterval = p.policy.Initial, p.policy.Max
	}
	wait := p.backoff.NextBackOff()
	if refused, ok := errors.AsType[*Error](err); ok && refused.RetryAfter > 0 {
		if p.hints++; p.hints <= maxShortHints {
			return refused.RetryAfter
		}
		return max(refused.RetryAfter, min(wait, time.Second))
	}
	return wait
}

// notifyWait notifies the policy's hooks of a wait.
func (p *retryState) notifyWait(err error, wait time.Duration) {
	if p == nil {
		return
	}
	if p.policy.Waiting != nil {
		p.waited = true
		p.policy.Waiting(Waiting{Request: p.request, Err: err, Tries: p.tries, Until: time.Now().Add(wait)})
	}
	if p.policy.Delayed != nil && !p.delayed && wait >= p.policy.DelayedAfter-time.Since(p.began) {
		p.delayed = true
		p.policy.Delayed(p.request, err)
	}
}

// notifyEnd notifies the policy's hooks of the end of the call.
func (p *retryState) notifyEnd() {
	if p.waited {
		p.policy.Waiting(Waiting{Request: p.request, Err: p.last, Tries: p.tries})
	}
}

// gaveUp returns the error of a call whose context has ended. err is the error that resulted from that.
func (p *retryState) gaveUp(ctx context.Context, err error) error {
	end := &GaveUpError{Action: p.request.Action(), Cause: context.Cause(sendingOf(ctx)), Last: p.last, Tries: p.tries, inDoubt: p.inDoubt}
	if end.Last != nil {
		return end
	}
	if held, ok := errors.AsType[*GaveUpError](err); ok {
		end.Last, end.Tries = held.Last, 0
		return end
	}
	return err // nothing had failed before
}

// pause waits, or returns the cause if the context for sending ends.
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

type sendingKey struct{}

// While returns a context for calls that are only sent and retried until the context sending ends. A response to a call in progress is
// still received until ctx ends.
func While(ctx, sending context.Context) context.Context {
	return context.WithValue(ctx, sendingKey{}, sending)
}

// sendingOf returns the context for sending a call: that of [While], or ctx.
func sendingOf(ctx context.Context) context.Context {
	if sending, ok := ctx.Value(sendingKey{}).(context.Context); ok && ctx.Err() == nil {
		return sending
	}
	return ctx
}
