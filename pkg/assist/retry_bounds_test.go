package assist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// hinted returns a throttled response that requests a wait.
func hinted(wait time.Duration) *Error {
	return &Error{Action: "RunCommand", Code: "Throttling.User", HTTPStatus: 400, RetryAfter: wait}
}

// locked makes a service safe for concurrent use.
func locked(service *scriptedService) Caller {
	var mu sync.Mutex
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		mu.Lock()
		defer mu.Unlock()
		return service.Call(ctx, request, response)
	})
}

// TestRequestedWaitsAreLimited tests many calls of a service that requests waits, some of them extremely long.
func TestRequestedWaitsAreLimited(t *testing.T) {
	policy := DefaultRetryPolicy()
	for _, hint := range []time.Duration{1, time.Second, 30 * time.Second, 140 * time.Second, policy.Elapsed, policy.Elapsed + 1, time.Hour, longestHint, 1<<63 - 1} {
		for _, calls := range []int{1, 20} {
			t.Run(fmt.Sprint(hint, calls), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					service := newScript(hinted(hint))
					caller := WithRetry(WithRateLimit(locked(service), RateLimit{PerSecond: 10, Burst: 100}), policy)
					var all sync.WaitGroup
					for range calls {
						all.Go(func() {
							began := time.Now()
							err := caller.Call(t.Context(), &RunCommandRequest{}, nil)
							refused, ok := errors.AsType[*Error](err)
							if !ok || !refused.Throttled() || InDoubt(err) {
								t.Errorf("ended with %v", err)
							}
							if took := time.Since(began); took > policy.Elapsed || calls == 1 && hint > policy.Elapsed && took > 0 {
								t.Errorf("took %v", took)
							}
						})
					}
					all.Wait()
					if limit := 160 * calls; len(service.at) > limit {
						t.Errorf("%d attempts of %d calls", len(service.at), calls)
					}
				})
			})
		}
	}
}

// TestLongWaitIsNotShared tests that a wait of an hour, which one response requests, does not affect other calls.
func TestLongWaitIsNotShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(hinted(time.Hour), nil)
		caller := WithRetry(WithRateLimit(locked(service), RateLimit{PerSecond: 10, Burst: 1}), DefaultRetryPolicy())
		if err := caller.Call(t.Context(), without, nil); len(codes(err)) != 1 {
			t.Errorf("the first call: %v", err)
		}
		for range 20 {
			if err := caller.Call(t.Context(), without, nil); err != nil {
				t.Errorf("another call: %v", err)
			}
		}
		if took := time.Since(service.started); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestRateLimitIsNoFailure tests that a call may wait for a low rate limit longer than RetryPolicy.Elapsed.
func TestRateLimitIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(nil, hinted(100*time.Second), nil)
		caller := WithRetry(WithRateLimit(locked(service), RateLimit{PerSecond: 0.004}), DefaultRetryPolicy())
		for range 2 {
			if err := caller.Call(t.Context(), without, nil); err != nil {
				t.Error(err)
			}
		}
		if want := []time.Duration{0, 250 * time.Second, 500 * time.Second}; !cmp.Equal(service.at, want) {
			t.Errorf("sent at %v, want %v", service.at, want)
		}
	})
}

func TestRetryOfForeignResponses(t *testing.T) {
	page := &AnswerError{Action: "DescribeInstances", HTTPStatus: 200, Words: "Sign in"}
	synctest.Test(t, func(t *testing.T) {
		service := newScript(page)
		err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), &DescribeInstancesRequest{}, nil)
		if !errors.Is(err, page) || len(service.at) != maxForeign || time.Since(service.started) > 2*time.Second {
			t.Errorf("%v after %d attempts", err, len(service.at))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		service := newScript(page, page, nil)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); err != nil {
			t.Errorf("a temporary page: %v", err)
		}
		service = newScript(page)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), without, nil); !errors.Is(err, page) || len(service.at) != 1 || !InDoubt(err) {
			t.Errorf("%v after %d attempts of a call that is not repeatable", err, len(service.at))
		}
	})
}

func TestGaveUpError(t *testing.T) {
	ended := errors.New("wait timed out")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, ended)
		defer cancel()
		service := newScript(internal, &Error{Action: "RunCommand", Code: "ServiceUnavailable", Message: "Later.", HTTPStatus: 503, RequestId: "r-1"})
		err := WithRetry(service, RetryPolicy{Initial: time.Second, Max: time.Second, Elapsed: time.Hour}).Call(ctx, withToken, nil)
		gaveUp, ok := errors.AsType[*GaveUpError](err)
		if !ok || !errors.Is(err, ended) || gaveUp.Tries != len(service.at) || !InDoubt(err) || Unreachable(err) {
			t.Fatalf("%T: %v", err, err)
		}
		want := fmt.Sprintf("wait timed out; the last of %d attempts of RunCommand: ServiceUnavailable: Later. (request r-1)", gaveUp.Tries)
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		service := newScript(hinted(30*time.Second), nil)
		caller := WithRetry(WithRateLimit(locked(service), RateLimit{PerSecond: 1}), DefaultRetryPolicy())
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, ended)
				defer cancel()
				err := caller.Call(ctx, &RunCommandRequest{}, nil)
				if !errors.Is(err, ended) || InDoubt(err) || !strings.Contains(err.Error(), "wait timed out; ") || !strings.Contains(err.Error(), "Throttling.User") {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if len(service.at) != 1 {
			t.Errorf("%d calls", len(service.at))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(ended)
		err := WithRetry(WithRateLimit(newScript(nil), RateLimit{PerSecond: 1}), DefaultRetryPolicy()).Call(ctx, without, nil)
		if isA[*GaveUpError](err) || !errors.Is(err, ended) || InDoubt(err) || err.Error() != ended.Error() {
			t.Errorf("nothing had failed: %v", err)
		}
	})
}

func TestWaitingCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits WaitingCalls
		var delayed []string
		policy := DefaultRetryPolicy()
		policy.Waiting, policy.DelayedAfter = waits.Note, 5*time.Second
		var mu sync.Mutex
		policy.Delayed = func(_ Request, err error) {
			mu.Lock()
			defer mu.Unlock()
			delayed = append(delayed, err.Error())
		}
		service := newScript(hinted(30*time.Second), nil)
		caller := WithRetry(WithRateLimit(locked(service), RateLimit{PerSecond: 10, Burst: 1}), policy)
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if err := caller.Call(t.Context(), &RunCommandRequest{}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(10 * time.Second)
		if err := caller.Call(t.Context(), &DescribeInvocationsRequest{}, nil); err != nil {
			t.Error(err)
		}
		type state struct {
			action, err string
			until       time.Duration
		}
		var now []state
		for _, w := range waits.Now() {
			now = append(now, state{w.Request.Action(), w.Err.Error(), w.Until.Sub(service.started)})
		}
		want := []state{{"RunCommand", "RunCommand: Throttling.User", 30 * time.Second}}
		if diff := cmp.Diff(want, now, cmp.AllowUnexported(state{})); diff != "" {
			t.Errorf("after 10 s: %s", diff)
		}
		all.Wait()
		if left := waits.Now(); len(left) != 0 {
			t.Errorf("at the end: %+v", left)
		}
		if len(delayed) != 5 {
			t.Errorf("got %q", delayed)
		}
	})
	policy := DefaultRetryPolicy()
	policy.Waiting = func(w Waiting) { t.Errorf("without a failure: %+v", w) }
	if err := WithRetry(WithRateLimit(newScript(nil), RateLimit{PerSecond: 1000}), policy).Call(t.Context(), without, nil); err != nil {
		t.Error(err)
	}
	if err := WithRetry(newScript(refused), policy).Call(t.Context(), without, nil); !errors.Is(err, refused) {
		t.Error(err)
	}
}

// TestUnavailableKeys tests a source of keys that is unreachable, and one that fails temporarily.
func TestUnavailableKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(&unsentError{noDial})
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); !errors.Is(err, noDial) || len(service.at) != 2 || InDoubt(err) {
			t.Errorf("%v after %d attempts", err, len(service.at))
		}
		service = newScript(&unsentError{cut}, nil)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestInDoubt tests sequences of attempts of a call, of which the last one repeats, with and without a deadline.
func TestInDoubt(t *testing.T) {
	page := &AnswerError{Action: "RunCommand", HTTPStatus: 200}
	proxy := &Error{Code: "HTTP404", HTTPStatus: 404, Foreign: &AnswerError{Action: "RunCommand", HTTPStatus: 404}}
	gateway := &Error{Code: "HTTP502", HTTPStatus: 502, Foreign: &AnswerError{Action: "RunCommand", HTTPStatus: 502}}
	busy := &Error{Code: "Throttling", HTTPStatus: 503}
	processing := &Error{Code: "IdempotentProcessing", HTTPStatus: 403}
	under200 := &Error{Code: "InvalidInstance.NotFound", HTTPStatus: 200}
	inside200 := &Error{Code: "InternalError", HTTPStatus: 200}
	cutOff := &cutOffError{context.DeadlineExceeded}
	unsent := &unsentError{&CredentialsError{}}
	tests := []struct {
		name     string
		attempts []error
		want     bool
	}{
		{"done", []error{nil}, true},
		{"refused", []error{refused}, false},
		{"refused with 200", []error{under200}, false},
		{"internal error with 200", []error{inside200}, true},
		{"throttled", []error{throttled}, false},
		{"throttled with 503", []error{busy}, false},
		{"internal error", []error{internal}, true},
		{"the first attempt still in progress", []error{processing}, true},
		{"never connected", []error{noDial}, false},
		{"no such name", []error{noName}, false},
		{"reset", []error{resetLine}, true},
		{"cut", []error{cut}, true},
		{"a page with 200", []error{page}, true},
		{"a proxy's 404", []error{proxy}, false},
		{"a gateway's 502", []error{gateway}, true},
		{"context ended during the attempt", []error{cutOff}, true},
		{"no credentials", []error{&CredentialsError{}}, false},
		{"no keys", []error{unsent}, false},
		{"invalid request", []error{ValidationErrors{refused}}, false},
		{"any other error", []error{errors.New("odd")}, true},
		{"throttled, then refused", []error{throttled, refused}, false},
		{"throttled, then never connected", []error{throttled, noDial}, false},
		{"throttled, then cut", []error{throttled, cut}, true},
		{"cut, then refused", []error{cut, refused}, true},
		{"cut, then throttled", []error{cut, throttled}, true},
		{"cut, then never connected", []error{cut, noDial}, true},
		{"internal error, throttled, then refused", []error{internal, throttled, refused}, true},
		{"never connected, then refused", []error{noDial, refused}, false},
		{"a page, then refused", []error{page, refused}, true},
		{"a gateway's 502, then a proxy's 404", []error{gateway, proxy}, true},
		{"cut, then no keys", []error{cut, unsent}, true},
		{"throttled, then no keys", []error{throttled, unsent}, false},
		{"throttled, then context ended during the attempt", []error{throttled, cutOff}, true},
		{"joined with another error", []error{errors.Join(io.EOF, refused)}, false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
				"without a deadline": func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
				"with a deadline":    func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), 100*time.Second) },
			} {
				ctx, cancel := ctx()
				service := newScript(test.attempts...)
				err := WithRetry(service, DefaultRetryPolicy()).Call(ctx, withToken, nil)
				cancel()
				last := test.attempts[len(test.attempts)-1]
				if got := InDoubt(err); got != test.want || err != nil && name == "without a deadline" && !errors.Is(err, last) && fmt.Sprintf("%T", last) != "assist.ValidationErrors" {
					t.Errorf("%s, %s: %v: %T: %v", test.name, name, got, err, err)
				}
				if _, refusals := errors.AsType[*net.OpError](err); refusals && test.want && Unreachable(err) && err != nil && !errors.Is(err, noDial) {
					t.Errorf("%s: unreachable: %v", test.name, err)
				}
			}
		})
	}
	if err := (&triedError{noDial}); Unreachable(err) || !Unreachable(noDial) {
		t.Error("a call with an attempt that was sent counts as unreachable")
	}
}
