package assist

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// RetryPolicy says how patient a Caller is.
type RetryPolicy struct {
	Initial time.Duration // the first wait; the following ones grow and are spread
	Max     time.Duration // the longest wait
	Elapsed time.Duration // when to give a call up
	// Notify hears of each failure and the wait that follows. It may be nil.
	Notify func(request Request, err error, wait time.Duration)
	// Lasting hears once of each call that has not succeeded for Patience, or will not have by the end of the next wait. It may be nil.
	Lasting  func(request Request, err error)
	Patience time.Duration
}

// DefaultRetryPolicy outlasts one of the service's one-minute windows twice.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{Initial: 200 * time.Millisecond, Max: 15 * time.Second, Elapsed: 150 * time.Second}
}

// WithRetry sends a call again where that can do no harm: when it was throttled, because it was not carried out then;
// and when it failed inside the service or on the way, if it is repeatable, unchanged and so with the same ClientToken. An
// endpoint that could never be connected to is given up after the second try.
func WithRetry(next Caller, policy RetryPolicy) Caller {
	reached := new(atomic.Bool)
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		waits := backoff.NewExponentialBackOff()
		waits.InitialInterval, waits.MaxInterval = policy.Initial, policy.Max
		tries, began, told := 0, time.Now(), false
		var last error
		_, err := backoff.Retry(ctx, func() (struct{}, error) {
			tries++
			last = next.Call(ctx, request, response)
			var refused *Error
			if last == nil || errors.As(last, &refused) {
				reached.Store(true)
			}
			switch {
			case last == nil:
				return struct{}{}, nil
			case Unreachable(last) && !reached.Load() && tries >= 2, !Retryable(request, last):
				return struct{}{}, backoff.Permanent(last)
			case refused != nil && refused.RetryAfter > 0:
				return struct{}{}, &backoff.RetryAfterError{Duration: refused.RetryAfter}
			}
			return struct{}{}, last
		}, backoff.WithBackOff(waits), backoff.WithMaxElapsedTime(policy.Elapsed),
			backoff.WithNotify(func(_ error, wait time.Duration) {
				if policy.Notify != nil {
					policy.Notify(request, last, wait)
				}
				if policy.Lasting != nil && !told && time.Since(began)+wait >= policy.Patience {
					told = true
					policy.Lasting(request, last)
				}
			}))
		if err == nil {
			return nil
		}
		if ctx.Err() != nil && Retryable(request, last) {
			return context.Cause(ctx)
		}
		return last
	})
}

// Retryable tells whether a call that failed with err may be sent again unchanged.
func Retryable(request Request, err error) bool {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Throttled() || refused.Temporary() && request.Repeatable()
	}
	var lost *TransportError
	return errors.As(err, &lost) && (Unreachable(err) || request.Repeatable())
}

// Unreachable tells that no connection was made, so that nothing was sent.
func Unreachable(err error) bool {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &name) || errors.As(err, &certificate) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	var line *net.OpError
	return errors.As(err, &line) && (line.Op == "dial" || line.Op == "proxyconnect")
}
