package assist

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestThrottledWhileOthersSucceed tests how long a call is retried while other calls succeed.
func TestThrottledWhileOthersSucceed(t *testing.T) {
	policy := DefaultRetryPolicy()
	other := &InvokeCommandRequest{CommandId: "c-1"}
	for _, c := range []struct {
		name        string
		err         error         // of the call
		until       time.Duration // when the service accepts it
		others      Request       // succeed
		every       time.Duration
		least, most time.Duration // of the call
		succeeds    bool
	}{
		{"accepted late", throttled, 400 * time.Second, without, 30 * time.Second, 400 * time.Second, 420 * time.Second, true},
		{"never accepted", throttled, time.Hour, without, 30 * time.Second, policy.Throttled - 30*time.Second, policy.Throttled, false},
		{"refused with requested waits", hinted(20 * time.Second), 400 * time.Second, without, 30 * time.Second, 400 * time.Second, 420 * time.Second, true},
		{"a requested wait that is too long", hinted(time.Hour), 400 * time.Second, without, 30 * time.Second, 0, 0, false},
		{"rare successes", throttled, 400 * time.Second, without, 200 * time.Second, policy.Elapsed - 30*time.Second, policy.Elapsed, false},
		{"successes of another action", throttled, 400 * time.Second, other, 30 * time.Second, policy.Elapsed - 30*time.Second, policy.Elapsed, false},
		{"not throttled", internal, 400 * time.Second, without, 30 * time.Second, policy.Elapsed - 30*time.Second, policy.Elapsed, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				caller := WithRetry(CallerFunc(func(_ context.Context, request Request, _ any) error {
					if request == Request(withToken) && time.Since(began) < c.until {
						return c.err
					}
					return nil
				}), policy)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					for pause(ctx, c.every) == nil {
						if err := caller.Call(ctx, c.others, nil); err != nil {
							t.Error(err)
						}
					}
				}()
				err := caller.Call(ctx, withToken, nil)
				if took := time.Since(began); took < c.least || took > c.most || (err == nil) != c.succeeds {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}
