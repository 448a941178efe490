package assist

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// RetryPolicy configures [WithRetry].
type RetryPolicy struct {
	Initial time.Duration // the first wait; later waits grow exponentially, with jitter
	Max     time.Duration // the longest wait
	Elapsed time.Duration // the maximum time of a call including its waits; 0 means no limit
	// Throttled is the maximum time of a throttled call while other calls of its action succeed, each of which starts Elapsed again for
	// it: the service is busy then, and not refusing everything. Less than Elapsed has no effect.
	Throttled time.Duration
	// NoRetryInDoubt stops retrying a call that sends something to instances if an attempt may have been carried out. The caller then
	// looks for its result before it sends the call again.
	NoRetryInDoubt bool
	// Notify is called after each failure that is retried, with the wait. It may be nil.
	Notify func(request Request, err error, wait time.Duration)
	// Delayed is called once for each call that has not succeeded within DelayedAfter, or will not before the end of the next wait. It
	// may be nil.
	Delayed      func(request Request, err error)
	DelayedAfter time.Duration
	// Waiting is called for each wait after a failure, including a failure of another call of the action, and at the end of each call
	// that has waited. It may be nil. It must be safe for concurrent use.
	Waiting func(Waiting)
}

// DefaultRetryPolicy returns a policy that retries for longer than two of the service's one-minute windows.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{Initial: 200 * time.Millisecond, Max: 15 * time.Second, Elapsed: 150 * time.Second, Throttled: 10 * time.Minute}
}

// maxForeign limits the attempts of a call whose responses are not the API's. Such a problem rarely disappears.
const maxForeign = 3

// WithRetry retries a call if that is safe: if it was throttled, because it was not carried out; and if the service or the connection
// failed and the call is repeatable. It sends the request unchanged, with the same ClientToken. It gives up after the second attempt if
// no connection to the endpoint was ever possible, and after the third if the responses are not the API's. A call whose next wait is
// longer than the rest of policy.Elapsed fails immediately with the error of its last attempt; see policy.Throttled for an exception. A
// call whose context ends while it is retried fails with a [*GaveUpError].
func WithRetry(next Caller, policy RetryPolicy) Caller {
	reached, successes := new(atomic.Bool), &lastSuccesses{at: map[string]time.Time{}}
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		p := &retryState{policy: &policy, request: request, began: time.Now(), successes: successes}
		trying := context.WithValue(ctx, retryStateKey{}, p)
		for {
			err := next.Call(trying, request, response)
			if err == nil {
				reached.Store(true)
				successes.note(request.Action())
				p.notifyEnd()
				return nil
			}
			again, wait := p.decide(ctx, err, reached)
			if again && policy.Notify != nil {
				policy.Notify(request, err, wait)
			}
			if again {
				p.notifyWait(err, wait)
				again = pause(ctx, wait) == nil
			}
			if !again {
				p.notifyEnd()
				return p.end(ctx, err)
			}
		}
	})
}

// decide records the error of an attempt. It returns whether to retry, and when.
func (p *retryState) decide(ctx context.Context, err error, reached *atomic.Bool) (again bool, wait time.Duration) {
	if isA[*heldError](err) || isA[*GaveUpError](err) {
		return false, 0 // there was no attempt
	}
	p.attempts++
	if !isA[*unsentError](err) {
		p.tries++
		p.inDoubt = p.inDoubt || InDoubt(err)
	}
	if isA[*Error](err) {
		reached.Store(true)
	} else if isA[*AnswerError](err) {
		p.foreign++
	}
	if !Retryable(p.request, err) || p.policy.NoRetryInDoubt && submits(p.request) && InDoubt(err) {
		return false, 0
	}
	wait = p.failed(err)
	switch {
	case sendingOf(ctx).Err() != nil, Unreachable(err) && !reached.Load() && p.attempts >= 2, p.foreign >= maxForeign:
		return false, 0
	}
	return p.allows(wait), wait
}

// end returns the error of a call whose last attempt, or the wait for it, failed with err.
func (p *retryState) end(ctx context.Context, err error) error {
	if sending := sendingOf(ctx); sending.Err() != nil && (errors.Is(err, context.Cause(sending)) || Retryable(p.request, err)) {
		return p.gaveUp(ctx, err)
	}
	if p.inDoubt && !InDoubt(err) {
		return &triedError{err}
	}
	return err
}

// Retryable reports whether a call that failed with err can safely be sent again unchanged.
func Retryable(request Request, err error) bool {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Throttled() || refused.Temporary() && request.Repeatable()
	}
	if isA[*AnswerError](err) {
		return request.Repeatable()
	}
	return isA[*TransportError](err) && (Unreachable(err) || request.Repeatable())
}

// submits reports whether a request sends something to instances.
func submits(request Request) bool {
	switch request.(type) {
	case *RunCommandRequest, *InvokeCommandRequest, *SendFileRequest:
		return true
	}
	return false
}

// Unreachable reports whether no attempt of the call had a connection, so that nothing was sent.
func Unreachable(err error) bool {
	if gaveUp, ok := errors.AsType[*GaveUpError](err); isA[*triedError](err) || ok && gaveUp.inDoubt {
		return false
	}
	if isA[*net.DNSError](err) || isA[*tls.CertificateVerificationError](err) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && (failed.Op == "dial" || failed.Op == "proxyconnect")
}

// isA reports whether an error in err's tree has the type T.
func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
