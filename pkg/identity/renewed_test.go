package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// giver gives keys that live for some time, each with a number, and takes some time for it.
type giver struct {
	life, takes time.Duration
	fails       func(n int32) bool
	calls       atomic.Int32
	underWay    atomic.Int32
	most        atomic.Int32
}

func (g *giver) fetch(ctx context.Context) (assist.Keys, error) {
	n := g.calls.Add(1)
	g.most.Store(max(g.most.Load(), g.underWay.Add(1)))
	defer g.underWay.Add(-1)
	select {
	case <-time.After(g.takes):
	case <-ctx.Done():
		return assist.Keys{}, context.Cause(ctx)
	}
	if g.fails != nil && g.fails(n) {
		return assist.Keys{}, errors.New("the server answers 500")
	}
	keys := assist.Keys{AccessKeyId: fmt.Sprint("id-", n), AccessKeySecret: "secret", SecurityToken: "token"}
	if g.life > 0 {
		keys.Expiration = time.Now().Add(g.life)
	}
	return keys, nil
}

func renewing(g *giver, notify func(string)) *renewed {
	return newRenewed(&source{name: "helper", fetch: g.fetch}, notify)
}

func TestKeysWithoutAnEndAreFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &giver{takes: 2 * time.Second}
		r := renewing(g, nil)
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				if keys, err := r.get(t.Context()); err != nil || keys.AccessKeyId != "id-1" {
					t.Errorf("%v, %v", keys.AccessKeyId, err)
				}
			})
		}
		callers.Wait()
		time.Sleep(100 * time.Hour)
		if _, err := r.get(t.Context()); err != nil || g.calls.Load() != 1 {
			t.Errorf("%d calls, %v", g.calls.Load(), err)
		}
	})
}

// Keys of a minute serve an hour without a pause, and without two renewals at a time.
func TestKeysAreRenewedInGoodTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &giver{life: time.Minute, takes: 2 * time.Second}
		r := renewing(g, nil)
		if _, err := r.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3600 {
			time.Sleep(time.Second)
			before := time.Now()
			keys, err := r.get(t.Context())
			if err != nil || !time.Now().Before(keys.Expiration) || time.Since(before) > 0 {
				t.Fatalf("%v after %v, %v", keys.Expiration, time.Since(before), err)
			}
		}
		if n := g.calls.Load(); n > 95 || g.most.Load() != 1 {
			t.Errorf("%d calls, %d at a time", n, g.most.Load())
		}
	})
}

// A source that fails for a while costs nothing while the keys in hand are good, and is told of once.
func TestASourceThatFailsForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g := &giver{life: time.Minute}
		g.fails = func(int32) bool { since := time.Since(began); return since > 30*time.Second && since < 55*time.Second }
		var told []string
		r := renewing(g, func(text string) { told = append(told, text) })
		for range 120 {
			if _, err := r.get(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if len(told) != 2 || !strings.Contains(told[0], "500; going on with the keys in hand until") || !strings.Contains(told[1], "have been renewed") {
			t.Errorf("told %q", told)
		}
	})
}

// When the keys are gone, renewing is tried for half a minute; then it is an error. Later calls may have better luck.
func TestKeysThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := atomic.Bool{}
		g := &giver{life: time.Minute, fails: func(int32) bool { return broken.Load() }}
		r := renewing(g, nil)
		if _, err := r.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		broken.Store(true)
		time.Sleep(time.Minute)
		before := time.Now()
		_, err := r.get(t.Context())
		wrong, ok := errors.AsType[*assist.CredentialsError](err)
		if took := time.Since(before); !ok || wrong.Source != "helper" || took > patience || took < patience/3 {
			t.Errorf("%v after %v", err, took)
		}
		broken.Store(false)
		time.Sleep(longestPause)
		if keys, err := r.get(t.Context()); err != nil || !time.Now().Before(keys.Expiration) {
			t.Errorf("%v", err)
		}
	})
}

// Keys that nobody ever had are not waited for, and a caller that gives up hears so at once.
func TestTheFirstKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewing(&giver{fails: func(int32) bool { return true }}, nil)
		before := time.Now()
		if _, err := r.get(t.Context()); err == nil || time.Since(before) > 0 {
			t.Errorf("%v after %v", err, time.Since(before))
		}
		hangs := renewing(&giver{takes: time.Hour}, nil)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer cancel()
		if _, err := hangs.get(ctx); err == nil || err.Error() != "enough" || time.Since(before) > time.Second {
			t.Errorf("%v after %v", err, time.Since(before))
		}
		synctest.Wait()
	})
}

// Who gives up does not take the others along.
func TestAnotherCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewing(&giver{takes: 2 * time.Second}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := r.get(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up: %v", err)
			}
		})
		synctest.Wait()
		callers.Go(func() {
			if keys, err := r.get(t.Context()); err != nil || keys.AccessKeyId != "id-2" {
				t.Errorf("the other: %v, %v", keys.AccessKeyId, err)
			}
		})
		synctest.Wait()
		cancel()
		callers.Wait()
	})
}

func TestKeysThatHaveEndedAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewing(&giver{life: time.Second}, nil)
		if _, err := r.get(t.Context()); err == nil || !strings.Contains(err.Error(), "ended at") {
			t.Errorf("%v", err)
		}
	})
}
