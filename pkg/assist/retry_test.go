package assist

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// scriptedService returns its results one after another, repeats the last one, and records the requests.
type scriptedService struct {
	results  []error
	started  time.Time
	at       []time.Duration
	requests []Request
	tokens   []string
}

func newScript(results ...error) *scriptedService {
	return &scriptedService{results: results, started: time.Now()}
}

func (s *scriptedService) Call(_ context.Context, request Request, _ any) error {
	s.at = append(s.at, time.Since(s.started))
	s.requests = append(s.requests, request)
	s.tokens = append(s.tokens, Encode(request).Get("ClientToken"))
	return s.results[min(len(s.at), len(s.results))-1]
}

var (
	withToken = &RunCommandRequest{CommandContent: "uptime", ClientToken: "token-1"}
	without   = &RunCommandRequest{CommandContent: "uptime"}

	throttled = &Error{Code: "Throttling.User", HTTPStatus: 400}
	internal  = &Error{Code: "InternalError", HTTPStatus: 500}
	refused   = &Error{Code: "InvalidInstance.NotFound", HTTPStatus: 404}
	cut       = &TransportError{Action: "RunCommand", Endpoint: "service", Err: io.ErrUnexpectedEOF}
	noDial    = &TransportError{Action: "RunCommand", Endpoint: "service", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	noName    = &TransportError{Action: "RunCommand", Endpoint: "service", Err: &net.DNSError{Err: "no such host"}}
	resetLine = &TransportError{Action: "RunCommand", Endpoint: "service", Err: &net.OpError{Op: "read", Err: errors.New("connection reset")}}
)

func TestRetryable(t *testing.T) {
	tests := []struct {
		name                      string
		err                       error
		repeatable, notRepeatable bool
	}{
		{"throttled", throttled, true, true},
		{"internal error", internal, true, false},
		{"a proxy's 502", &Error{Code: "HTTP502", HTTPStatus: 502}, true, false},
		{"the first attempt still in progress", &Error{Code: "IdempotentProcessing", HTTPStatus: 403}, true, false},
		{"refused", refused, false, false},
		{"the daily quota", &Error{Code: "Invocation.ExceedQuota", HTTPStatus: 403}, false, false},
		{"interrupted", cut, true, false},
		{"reset", resetLine, true, false},
		{"never connected", noDial, true, true},
		{"no such name", noName, true, true},
		{"no credentials", &CredentialsError{}, false, false},
		{"cancelled", context.Canceled, false, false},
		{"any other error", errors.New("odd"), false, false},
	}
	for _, test := range tests {
		if got := Retryable(withToken, test.err); got != test.repeatable {
			t.Errorf("%s, repeatable: %v", test.name, got)
		}
		if got := Retryable(without, test.err); got != test.notRepeatable {
			t.Errorf("%s, not repeatable: %v", test.name, got)
		}
	}
}

func TestRetry(t *testing.T) {
	tests := []struct {
		name     string
		request  Request
		results  []error
		attempts int
		want     error
	}{
		{"immediate success", without, []error{nil}, 1, nil},
		{"throttled twice", without, []error{throttled, throttled, nil}, 3, nil},
		{"internal error", withToken, []error{internal, nil}, 2, nil},
		{"internal error, not repeatable", without, []error{internal, nil}, 1, internal},
		{"cut", withToken, []error{cut, nil}, 2, nil},
		{"cut, not repeatable", without, []error{cut, nil}, 1, cut},
		{"reset, not repeatable", without, []error{resetLine, nil}, 1, resetLine},
		{"reading is repeatable", &DescribeInvocationsRequest{}, []error{cut, internal, nil}, 3, nil},
		{"refused", withToken, []error{refused, nil}, 1, refused},
		{"refused after an interruption", withToken, []error{cut, refused, nil}, 2, refused},
		{"never connected, twice", withToken, []error{noDial, noDial, nil}, 2, noDial},
		{"no such name, twice", without, []error{noName, noName, nil}, 2, noName},
		{"connected the second time", without, []error{noDial, nil}, 2, nil},
		{"reachable before, then temporarily not", withToken, []error{internal, noDial, noDial, noDial, nil}, 5, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := newScript(test.results...)
				err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), test.request, nil)
				if !errors.Is(err, test.want) {
					t.Errorf("the error is %v, want %v", err, test.want)
				}
				if len(service.at) != test.attempts {
					t.Errorf("%d attempts, want %d", len(service.at), test.attempts)
				}
				for i, request := range service.requests {
					if request != test.request || service.tokens[i] != service.tokens[0] {
						t.Errorf("attempt %d has another request: %+v", i+1, request)
					}
				}
			})
		})
	}
}

func TestRetryAfterServiceWasReachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(refused, noDial, noDial, noDial, nil)
		caller := WithRetry(service, DefaultRetryPolicy())
		if err := caller.Call(t.Context(), without, nil); !errors.Is(err, refused) {
			t.Errorf("the first call: %v", err)
		}
		if err := caller.Call(t.Context(), without, nil); err != nil {
			t.Errorf("the second call: %v", err)
		}
	})
}

func TestRetryFollowsRequestedWait(t *testing.T) {
	hint := func(d time.Duration) error {
		return &Error{Code: "Throttling", HTTPStatus: 400, RetryAfter: d}
	}
	synctest.Test(t, func(t *testing.T) {
		service := newScript(hint(7*time.Second), hint(1500*time.Millisecond), nil)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), without, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{0, 7 * time.Second, 8500 * time.Millisecond}, service.at); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []time.Duration
		service := newScript(throttled)
		policy := RetryPolicy{Initial: time.Second, Max: 8 * time.Second, Elapsed: 5 * time.Minute, Notify: func(request Request, err error, wait time.Duration) {
			if request != without || !errors.Is(err, throttled) {
				t.Errorf("notified of %v, %v", request, err)
			}
			waits = append(waits, wait)
		}}
		_ = WithRetry(service, policy).Call(t.Context(), without, nil)
		if len(waits) != len(service.at)-1 {
			t.Fatalf("notified of %d waits in %d attempts", len(waits), len(service.at))
		}
		for i, wait := range waits {
			if between := service.at[i+1] - service.at[i]; between != wait {
				t.Errorf("wait %d: notified of %v, was %v", i+1, wait, between)
			}
			if wait < policy.Initial/2 || wait > policy.Max*3/2 {
				t.Errorf("wait %d is %v", i+1, wait)
			}
		}
		if first, last := waits[0], waits[len(waits)-1]; last <= first {
			t.Errorf("the waits do not grow: %v", waits)
		}
	})
}

func TestRetryReturnsLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := &Error{Code: "ServiceUnavailable", HTTPStatus: 503}
		service := newScript(throttled, internal, last)
		policy := RetryPolicy{Initial: time.Second, Max: 10 * time.Second, Elapsed: time.Minute}
		err := WithRetry(service, policy).Call(t.Context(), withToken, nil)
		if err != error(last) {
			t.Errorf("the error is %v, want %v", err, last)
		}
		if end := service.at[len(service.at)-1]; end > policy.Elapsed || len(service.at) < 4 {
			t.Errorf("%d attempts, the last one after %v", len(service.at), end)
		}
		if now := time.Since(service.started); now != service.at[len(service.at)-1] {
			t.Errorf("it waited until %v in vain", now)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		late := &Error{Code: "Throttling", HTTPStatus: 400, RetryAfter: time.Hour}
		service := newScript(late)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); err != error(late) {
			t.Errorf("a requested wait that is too long: %v", err)
		}
		if now := time.Since(service.started); now != 0 {
			t.Errorf("it waited %v in vain", now)
		}
	})
}

func TestRetryContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer time.AfterFunc(3*time.Second, cancel).Stop()
		service := newScript(&Error{Code: "Throttling", HTTPStatus: 400, RetryAfter: time.Minute})
		if err := WithRetry(service, DefaultRetryPolicy()).Call(ctx, withToken, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if now := time.Since(service.started); now != 3*time.Second || len(service.at) != 1 {
			t.Errorf("ended after %v and %d attempts", now, len(service.at))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		service := newScript(cut)
		if err := WithRetry(service, RetryPolicy{Initial: time.Minute, Max: time.Minute, Elapsed: time.Hour}).Call(ctx, withToken, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline exceeded: %v", err)
		}
		if now := time.Since(service.started); now != 5*time.Second {
			t.Errorf("ended after %v", now)
		}
	})
}

// TestRetryReturnsRefusalAtCancellation tests that a permanent refusal is the result even if the context ends at the same time: the call
// was rejected, and is not in doubt.
func TestRetryReturnsRefusalAtCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		caller := WithRetry(CallerFunc(func(context.Context, Request, any) error {
			cancel()
			return refused
		}), DefaultRetryPolicy())
		if err := caller.Call(ctx, withToken, nil); !errors.Is(err, refused) {
			t.Errorf("the error is %v, want %v", err, refused)
		}
	})
}

func TestDelayedIsCalledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		policy := DefaultRetryPolicy()
		service := newScript(internal)
		policy.DelayedAfter, policy.Delayed = 5*time.Second, func(Request, error) {
			at = append(at, time.Since(service.started))
		}
		caller := WithRetry(service, policy)
		if err := caller.Call(t.Context(), withToken, nil); !errors.Is(err, internal) {
			t.Errorf("the call ended with %v", err)
		}
		if len(at) != 1 || at[0] > policy.DelayedAfter {
			t.Errorf("called at %v, want once within %s", at, policy.DelayedAfter)
		}
		if err := WithRetry(newScript(internal, nil), policy).Call(t.Context(), withToken, nil); err != nil || len(at) != 1 {
			t.Errorf("a short failure ended with %v, and Delayed was called at %v", err, at)
		}
	})
}
