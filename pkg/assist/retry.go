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

// RetryPolicy says how patient a Caller is.
type RetryPolicy struct {
	Initial time.Duration // the first wait; the following ones grow and are spread
	Max     time.Duration // the longest wait
	Elapsed time.Duration // when to give a call up, whatever the service asks for; 0 is never
	// LeaveDoubt ends a call that sends something to instances when a try of it may have been carried out, whose caller then
	// looks for it before it sends it again.
	LeaveDoubt bool
	// Notify hears of each failure and the wait that follows. It may be nil.
	Notify func(request Request, err error, wait time.Duration)
	// Lasting hears once of each call that has not succeeded for Patience, or will not have by the end of the next wait. It may be nil.
	Lasting  func(request Request, err error)
	Patience time.Duration
	// Waiting hears of each wait that a failure is the reason of, also of those in which another call's failure holds a call
	// back, and of the end of each call that has waited. It may be nil, and is called by several goroutines at once.
	Waiting func(Waiting)
}

// DefaultRetryPolicy outlasts one of the service's one-minute windows twice.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{Initial: 200 * time.Millisecond, Max: 15 * time.Second, Elapsed: 150 * time.Second}
}

// mostForeign is how often a call is sent whose answers are not the API's: what stands in the service's place seldom goes
// away by itself.
const mostForeign = 3

// WithRetry sends a call again where that can do no harm: when it was throttled, because it was not carried out then;
// and when it failed inside the service or on the way, if it is repeatable, unchanged and so with the same ClientToken. An
// endpoint that could never be connected to is given up after the second try, and answers that are not the API's after the
// third. A call that would have to wait for longer than the rest of policy.Elapsed ends at once with what its last try failed
// with. One whose context ends while it is retried ends with a *GaveUpError.
func WithRetry(next Caller, policy RetryPolicy) Caller {
	reached := new(atomic.Bool)
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		p := &patience{policy: &policy, request: request, began: time.Now()}
		trying := context.WithValue(ctx, patienceKey{}, p)
		for {
			err := next.Call(trying, request, response)
			if err == nil {
				reached.Store(true)
				p.over()
				return nil
			}
			again, wait := p.judge(ctx, err, reached)
			if again && policy.Notify != nil {
				policy.Notify(request, err, wait)
			}
			if again {
				p.await(err, wait)
				again = pause(ctx, wait) == nil
			}
			if !again {
				p.over()
				return p.end(ctx, err)
			}
		}
	})
}

// judge takes the error of a try, and reports whether to try again, and when.
func (p *patience) judge(ctx context.Context, err error, reached *atomic.Bool) (again bool, wait time.Duration) {
	if isA[*heldError](err) || isA[*GaveUpError](err) {
		return false, 0 // there was no try
	}
	p.attempts++
	if !isA[*unsentError](err) {
		p.tries++
		p.doubt = p.doubt || MayHaveBeenDone(err)
	}
	if isA[*Error](err) {
		reached.Store(true)
	} else if isA[*AnswerError](err) {
		p.foreign++
	}
	if !Retryable(p.request, err) || p.policy.LeaveDoubt && submits(p.request) && MayHaveBeenDone(err) {
		return false, 0
	}
	wait = p.failed(err)
	switch {
	case sendingOf(ctx).Err() != nil, Unreachable(err) && !reached.Load() && p.attempts >= 2, p.foreign >= mostForeign:
		return false, 0
	}
	return p.outlasts(wait), wait
}

// end is what a call ends with whose last try, or the wait for it, failed with err.
func (p *patience) end(ctx context.Context, err error) error {
	if sending := sendingOf(ctx); sending.Err() != nil && (errors.Is(err, context.Cause(sending)) || Retryable(p.request, err)) {
		return p.gaveUp(ctx, err)
	}
	if p.doubt && !MayHaveBeenDone(err) {
		return &triedError{err}
	}
	return err
}

// Retryable reports whether a call that failed with err may be sent again unchanged.
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

// Unreachable reports that no connection was made, so that nothing was sent, by any try of the call.
func Unreachable(err error) bool {
	if gaveUp, ok := errors.AsType[*GaveUpError](err); isA[*triedError](err) || ok && gaveUp.doubt {
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
