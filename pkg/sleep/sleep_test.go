package sleep_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/sleep"
)

var errStopped = errors.New("stopped")

func TestForWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := sleep.For(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("waited %s, error %v", time.Since(began), err)
		}
		if err := sleep.For(t.Context(), -time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("a negative duration: waited until %s, error %v", time.Since(began), err)
		}
	})
}

func TestForReturnsTheCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		began := time.Now()
		time.AfterFunc(time.Second, func() { stop(errStopped) })
		for _, d := range []time.Duration{time.Minute, 0} {
			if err := sleep.For(ctx, d); !errors.Is(err, errStopped) || time.Since(began) != time.Second {
				t.Errorf("%s: waited %s, error %v", d, time.Since(began), err)
			}
		}
	})
}
