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

// hinted is a refusal for pace with the service's word on how long to wait.
func hinted(wait time.Duration) *Error {
	return &Error{Action: "RunCommand", Code: "Throttling.User", HTTPStatus: 400, RetryAfter: wait}
}

// locked is a service that is called by many at once.
func locked(service *script) Caller {
	var mu sync.Mutex
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		mu.Lock()
		defer mu.Unlock()
		return service.Call(ctx, request, response)
	})
}

// TestNoCallWaitsLongerThanItIsPatient has many calls meet a service that asks for waits, of which some are absurd.
func TestNoCallWaitsLongerThanItIsPatient(t *testing.T) {
	policy := DefaultRetryPolicy()
	for _, hint := range []time.Duration{1, time.Second, 30 * time.Second, 140 * time.Second, policy.Elapsed, policy.Elapsed + 1, time.Hour, longestHint, 1<<63 - 1} {
		for _, calls := range []int{1, 20} {
			t.Run(fmt.Sprint(hint, calls), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					service := newScript(hinted(hint))
					caller := WithRetry(WithPace(locked(service), Pace{PerSecond: 10, Burst: 100}), policy)
					var all sync.WaitGroup
					for range calls {
						all.Go(func() {
							began := time.Now()
							err := caller.Call(t.Context(), &RunCommandRequest{}, nil)
							refused, ok := errors.AsType[*Error](err)
							if !ok || !refused.Throttled() || MayHaveBeenDone(err) {
								t.Errorf("ended with %v", err)
							}
							if took := time.Since(began); took > policy.Elapsed || calls == 1 && hint > policy.Elapsed && took > 0 {
								t.Errorf("took %v", took)
							}
						})
					}
					all.Wait()
					if most := 160 * calls; len(service.at) > most {
						t.Errorf("%d tries of %d calls", len(service.at), calls)
					}
				})
			})
		}
	}
}

// TestAWaitBeyondPatienceIsOneCallsOwn has one answer ask for an hour, and the service be well otherwise.
func TestAWaitBeyondPatienceIsOneCallsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(hinted(time.Hour), nil)
		caller := WithRetry(WithPace(locked(service), Pace{PerSecond: 10, Burst: 1}), DefaultRetryPolicy())
		if err := caller.Call(t.Context(), without, nil); len(codes(err)) != 1 {
			t.Errorf("the first: %v", err)
		}
		for range 20 {
			if err := caller.Call(t.Context(), without, nil); err != nil {
				t.Errorf("another one: %v", err)
			}
		}
		if took := time.Since(service.started); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// TestTheTurnOfACallIsNoFailure has a call wait for its turn, at a rate that its user asked for, for longer than it is patient.
func TestTheTurnOfACallIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(nil, hinted(100*time.Second), nil)
		caller := WithRetry(WithPace(locked(service), Pace{PerSecond: 0.004}), DefaultRetryPolicy())
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

func TestAnswersThatAreNotTheAPIsAreTriedAFewTimes(t *testing.T) {
	page := &AnswerError{Action: "DescribeInstances", HTTPStatus: 200, Words: "Sign in"}
	synctest.Test(t, func(t *testing.T) {
		service := newScript(page)
		err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), &DescribeInstancesRequest{}, nil)
		if !errors.Is(err, page) || len(service.at) != mostForeign || time.Since(service.started) > 2*time.Second {
			t.Errorf("%v after %d tries", err, len(service.at))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		service := newScript(page, page, nil)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); err != nil {
			t.Errorf("a page that goes away: %v", err)
		}
		service = newScript(page)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), without, nil); !errors.Is(err, page) || len(service.at) != 1 || !MayHaveBeenDone(err) {
			t.Errorf("%v after %d tries of a call that cannot be repeated", err, len(service.at))
		}
	})
}

func TestGaveUpNamesTheLastError(t *testing.T) {
	ended := errors.New("wait timed out")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, ended)
		defer cancel()
		service := newScript(internal, &Error{Action: "RunCommand", Code: "ServiceUnavailable", Message: "Later.", HTTPStatus: 503, RequestId: "r-1"})
		err := WithRetry(service, RetryPolicy{Initial: time.Second, Max: time.Second, Elapsed: time.Hour}).Call(ctx, withToken, nil)
		gaveUp, ok := errors.AsType[*GaveUpError](err)
		if !ok || !errors.Is(err, ended) || gaveUp.Tries != len(service.at) || !MayHaveBeenDone(err) || Unreachable(err) {
			t.Fatalf("%T: %v", err, err)
		}
		want := fmt.Sprintf("wait timed out; the last of %d tries of RunCommand: ServiceUnavailable: Later. (request r-1)", gaveUp.Tries)
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		service := newScript(hinted(30*time.Second), nil)
		caller := WithRetry(WithPace(locked(service), Pace{PerSecond: 1}), DefaultRetryPolicy())
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, ended)
				defer cancel()
				err := caller.Call(ctx, &RunCommandRequest{}, nil)
				if !errors.Is(err, ended) || MayHaveBeenDone(err) || !strings.Contains(err.Error(), "wait timed out; ") || !strings.Contains(err.Error(), "Throttling.User") {
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
		err := WithRetry(WithPace(newScript(nil), Pace{PerSecond: 1}), DefaultRetryPolicy()).Call(ctx, without, nil)
		if isA[*GaveUpError](err) || !errors.Is(err, ended) || MayHaveBeenDone(err) || err.Error() != ended.Error() {
			t.Errorf("nothing had failed: %v", err)
		}
	})
}

func TestWaitsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits Waits
		var lasting []string
		policy := DefaultRetryPolicy()
		policy.Waiting, policy.Patience = waits.Note, 5*time.Second
		var mu sync.Mutex
		policy.Lasting = func(_ Request, err error) {
			mu.Lock()
			defer mu.Unlock()
			lasting = append(lasting, err.Error())
		}
		service := newScript(hinted(30*time.Second), nil)
		caller := WithRetry(WithPace(locked(service), Pace{PerSecond: 10, Burst: 1}), policy)
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
		now := waits.Now()
		if len(now) != 1 || now[0].Request.Action() != "RunCommand" || !now[0].Until.Equal(service.started.Add(30*time.Second)) || now[0].Err.Error() != "RunCommand: Throttling.User" {
			t.Errorf("after 10 s: %+v", now)
		}
		all.Wait()
		if left := waits.Now(); len(left) != 0 {
			t.Errorf("in the end: %+v", left)
		}
		if len(lasting) != 5 {
			t.Errorf("heard of %q", lasting)
		}
	})
	policy := DefaultRetryPolicy()
	policy.Waiting = func(w Waiting) { t.Errorf("without a failure: %+v", w) }
	if err := WithRetry(WithPace(newScript(nil), Pace{PerSecond: 1000}), policy).Call(t.Context(), without, nil); err != nil {
		t.Error(err)
	}
	if err := WithRetry(newScript(refused), policy).Call(t.Context(), without, nil); !errors.Is(err, refused) {
		t.Error(err)
	}
}

// TestKeysThatCannotBeObtained has what signs calls be unreachable, and then away for a while.
func TestKeysThatCannotBeObtained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(&unsentError{noDial})
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); !errors.Is(err, noDial) || len(service.at) != 2 || MayHaveBeenDone(err) {
			t.Errorf("%v after %d tries", err, len(service.at))
		}
		service = newScript(&unsentError{cut}, nil)
		if err := WithRetry(service, DefaultRetryPolicy()).Call(t.Context(), withToken, nil); err != nil {
			t.Error(err)
		}
	})
}

// TestMayHaveBeenDone goes through sequences of tries of one call, the last answer for ever, and cuts some of them off.
func TestMayHaveBeenDone(t *testing.T) {
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
		name  string
		tries []error
		want  bool
	}{
		{"done", []error{nil}, true},
		{"refused", []error{refused}, false},
		{"refused under 200", []error{under200}, false},
		{"failed inside under 200", []error{inside200}, true},
		{"throttled", []error{throttled}, false},
		{"throttled with 503", []error{busy}, false},
		{"failed inside", []error{internal}, true},
		{"the first still under way", []error{processing}, true},
		{"never connected", []error{noDial}, false},
		{"no such name", []error{noName}, false},
		{"reset", []error{resetLine}, true},
		{"cut", []error{cut}, true},
		{"a page with 200", []error{page}, true},
		{"a proxy's 404", []error{proxy}, false},
		{"a gateway's 502", []error{gateway}, true},
		{"cut off on the way", []error{cutOff}, true},
		{"no credentials", []error{&CredentialsError{}}, false},
		{"no keys", []error{unsent}, false},
		{"judged before", []error{Faults{refused}}, false},
		{"anything else", []error{errors.New("odd")}, true},
		{"throttled, then refused", []error{throttled, refused}, false},
		{"throttled, then never connected", []error{throttled, noDial}, false},
		{"throttled, then cut", []error{throttled, cut}, true},
		{"cut, then refused", []error{cut, refused}, true},
		{"cut, then throttled", []error{cut, throttled}, true},
		{"cut, then never connected", []error{cut, noDial}, true},
		{"failed inside, throttled, then refused", []error{internal, throttled, refused}, true},
		{"never connected, then refused", []error{noDial, refused}, false},
		{"a page, then refused", []error{page, refused}, true},
		{"a gateway's 502, then a proxy's 404", []error{gateway, proxy}, true},
		{"cut, then no keys", []error{cut, unsent}, true},
		{"throttled, then no keys", []error{throttled, unsent}, false},
		{"throttled, then cut off on the way", []error{throttled, cutOff}, true},
		{"joined with another error", []error{errors.Join(io.EOF, refused)}, false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
				"to its end":     func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
				"until it ended": func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), 100*time.Second) },
			} {
				ctx, cancel := ctx()
				service := newScript(test.tries...)
				err := WithRetry(service, DefaultRetryPolicy()).Call(ctx, withToken, nil)
				cancel()
				last := test.tries[len(test.tries)-1]
				if got := MayHaveBeenDone(err); got != test.want || err != nil && name == "to its end" && !errors.Is(err, last) && fmt.Sprintf("%T", last) != "assist.Faults" {
					t.Errorf("%s, %s: %v: %T: %v", test.name, name, got, err, err)
				}
				if _, refusals := errors.AsType[*net.OpError](err); refusals && test.want && Unreachable(err) && err != nil && !errors.Is(err, noDial) {
					t.Errorf("%s: unreachable: %v", test.name, err)
				}
			}
		})
	}
	if err := (&triedError{noDial}); Unreachable(err) || !Unreachable(noDial) {
		t.Error("a call of which a try was sent counts as unreachable")
	}
}
