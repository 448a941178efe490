package assist

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// responseTimes makes n sequential calls. It returns the time of each response, in seconds.
func responseTimes(t *testing.T, caller Caller, request Request, n int) []float64 {
	t.Helper()
	started := time.Now()
	var at []float64
	for range n {
		_ = caller.Call(t.Context(), request, nil)
		at = append(at, time.Since(started).Round(time.Millisecond).Seconds())
	}
	return at
}

func TestRateLimitPerAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller := WithRateLimit(newScript(nil), RateLimit{PerSecond: 2, Burst: 1})
		if diff := cmp.Diff([]float64{0, 0.5, 1, 1.5}, responseTimes(t, caller, &RunCommandRequest{}, 4)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]float64{0, 0.5}, responseTimes(t, caller, &DescribeInvocationsRequest{}, 2)); diff != "" {
			t.Errorf("another action waits for the first one: %s", diff)
		}
	})
}

func TestRateLimitOfConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		service := newScript(nil)
		caller := WithRateLimit(CallerFunc(func(ctx context.Context, request Request, response any) error {
			mu.Lock()
			defer mu.Unlock()
			return service.Call(ctx, request, response)
		}), RateLimit{PerSecond: 10, Burst: 5})
		var all sync.WaitGroup
		for range 25 {
			all.Go(func() { _ = caller.Call(t.Context(), without, nil) })
		}
		all.Wait()
		if now := time.Since(service.started).Round(time.Millisecond); now != 2*time.Second {
			t.Errorf("5 calls at once and 20 at 10 per second took %v", now)
		}
	})
}

func TestRateLimitAllowsBursts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller := WithRateLimit(newScript(nil), RateLimit{PerSecond: 2, Burst: 3})
		if diff := cmp.Diff([]float64{0, 0, 0, 0.5, 1}, responseTimes(t, caller, without, 5)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRateLimitWithoutLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller := WithRateLimit(newScript(nil), RateLimit{})
		if diff := cmp.Diff(make([]float64, 100), responseTimes(t, caller, without, 100)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRateLimitRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 1 per second; after two throttled responses 0.5 and 0.25; then 0.1 more per successful response, up to 1.
		caller := WithRateLimit(newScript(throttled, throttled, nil), RateLimit{PerSecond: 1, Burst: 1})
		at := responseTimes(t, caller, without, 14)
		var waits []float64
		for i := range at[1:] {
			waits = append(waits, at[i+1]-at[i])
		}
		want := []float64{2, 4, 2.857, 2.222, 1.818, 1.538, 1.333, 1.176, 1.053, 1, 1, 1, 1}
		if diff := cmp.Diff(want, waits, cmpopts.EquateApprox(0, 0.002)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRateLimitRestoresBurstLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller := WithRateLimit(newScript(throttled, nil), RateLimit{PerSecond: 10, Burst: 4})
		responseTimes(t, caller, without, 2) // 5 per second, then 6
		<-time.After(time.Minute)
		if diff := cmp.Diff([]float64{0, 0.143}, responseTimes(t, caller, without, 2)); diff != "" {
			t.Errorf("before the full rate: %s", diff)
		}
		responseTimes(t, caller, without, 4)
		<-time.After(time.Minute)
		if diff := cmp.Diff([]float64{0, 0, 0, 0, 0.1}, responseTimes(t, caller, without, 5)); diff != "" {
			t.Errorf("at the full rate again: %s", diff)
		}
	})
}

// TestRequestedWaitIsShared tests that all calls of an action follow the wait that one response requests, including those that already
// wait for the rate limit.
func TestRequestedWaitIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(&Error{Code: "Throttling.User", RetryAfter: 30 * time.Second}, nil)
		var mu sync.Mutex
		caller := WithRateLimit(CallerFunc(func(ctx context.Context, request Request, response any) error {
			mu.Lock()
			defer mu.Unlock()
			return service.Call(ctx, request, response)
		}), RateLimit{PerSecond: 1, Burst: 1})
		var all sync.WaitGroup
		all.Go(func() { _ = caller.Call(t.Context(), without, nil) })
		synctest.Wait()
		for range 3 {
			all.Go(func() { _ = caller.Call(t.Context(), without, nil) })
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := caller.Call(ctx, without, nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(service.started) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(service.started))
		}
		if diff := cmp.Diff([]float64{0}, responseTimes(t, caller, &DescribeInvocationsRequest{}, 1)); diff != "" {
			t.Errorf("another action waits: %s", diff)
		}
		all.Wait()
		if now := time.Since(service.started); len(service.at) != 5 || now < 30*time.Second {
			t.Errorf("%d calls, the last after %v", len(service.at), now)
		}
		for _, at := range service.at[2:] { // without the refused call and that of the other action
			if at < 30*time.Second {
				t.Errorf("a call at %v", at)
			}
		}
	})
}

func TestMinimumPace(t *testing.T) {
	for name, test := range map[string]struct {
		limit RateLimit
		want  []float64
	}{
		"at one call in ten seconds":          {RateLimit{PerSecond: 0.3}, []float64{0, 6.667, 16.667, 26.667}},
		"at the full rate, if that is slower": {RateLimit{PerSecond: 0.05}, []float64{0, 20, 40, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				caller := WithRateLimit(newScript(throttled), test.limit)
				if diff := cmp.Diff(test.want, responseTimes(t, caller, without, 4)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestRateLimitContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := newScript(nil)
		caller := WithRateLimit(service, RateLimit{PerSecond: 0.01, Burst: 1})
		responseTimes(t, caller, without, 1)

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		if err := caller.Call(ctx, without, nil); !errors.Is(err, context.Canceled) || time.Since(service.started) != 3*time.Second {
			t.Errorf("cancelled: %v after %v", err, time.Since(service.started))
		}

		late := errors.New("too late")
		ctx, cancel = context.WithTimeoutCause(t.Context(), time.Second, late)
		defer cancel()
		if err := caller.Call(ctx, without, nil); !errors.Is(err, late) || time.Since(service.started) != 4*time.Second {
			t.Errorf("deadline too early: %v after %v", err, time.Since(service.started))
		}
		if len(service.at) != 1 {
			t.Errorf("%d calls went through, want 1", len(service.at))
		}
	})
}
