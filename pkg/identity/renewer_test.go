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

// fakeSource returns numbered keys with a lifetime, after a latency.
type fakeSource struct {
	lifetime, latency time.Duration
	fails             func(n int32) bool
	calls             atomic.Int32
	inFlight          atomic.Int32
	maxInFlight       atomic.Int32
}

func (g *fakeSource) fetch(ctx context.Context) (assist.Keys, error) {
	n := g.calls.Add(1)
	g.maxInFlight.Store(max(g.maxInFlight.Load(), g.inFlight.Add(1)))
	defer g.inFlight.Add(-1)
	select {
	case <-time.After(g.latency):
	case <-ctx.Done():
		return assist.Keys{}, context.Cause(ctx)
	}
	if g.fails != nil && g.fails(n) {
		return assist.Keys{}, errors.New("the server responds with 500")
	}
	keys := assist.Keys{AccessKeyId: fmt.Sprint("id-", n), AccessKeySecret: "secret", SecurityToken: "token"}
	if g.lifetime > 0 {
		keys.Expiration = time.Now().Add(g.lifetime)
	}
	return keys, nil
}

func renewerOf(g *fakeSource, notify func(string)) *renewer {
	return newRenewer(&source{name: "helper", fetch: g.fetch}, notify)
}

func TestPermanentKeysAreFetchedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeSource{latency: 2 * time.Second}
		r := renewerOf(g, nil)
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

// TestRenewal tests that keys with a lifetime of a minute are available for an hour without delays or concurrent renewals.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &fakeSource{lifetime: time.Minute, latency: 2 * time.Second}
		r := renewerOf(g, nil)
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
		if n := g.calls.Load(); n > 95 || g.maxInFlight.Load() != 1 {
			t.Errorf("%d calls, %d at a time", n, g.maxInFlight.Load())
		}
	})
}

// TestTemporaryFailure tests that a temporary failure causes no error while the keys are valid, and is notified once.
func TestTemporaryFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g := &fakeSource{lifetime: time.Minute}
		g.fails = func(int32) bool { since := time.Since(began); return since > 30*time.Second && since < 55*time.Second }
		var notes []string
		r := renewerOf(g, func(text string) { notes = append(notes, text) })
		for range 120 {
			if _, err := r.get(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if len(notes) != 2 || !strings.Contains(notes[0], "500; using the current keys until") || !strings.Contains(notes[1], "have been renewed") {
			t.Errorf("got notes %q", notes)
		}
	})
}

// TestExpiredKeys tests that renewing expired keys is retried for half a minute before it is an error, and that later calls retry.
func TestExpiredKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := atomic.Bool{}
		g := &fakeSource{lifetime: time.Minute, fails: func(int32) bool { return broken.Load() }}
		r := renewerOf(g, nil)
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

// TestFirstKeys tests that getting the first keys is not retried, and that a caller can give up waiting.
func TestFirstKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewerOf(&fakeSource{fails: func(int32) bool { return true }}, nil)
		before := time.Now()
		if _, err := r.get(t.Context()); err == nil || time.Since(before) > 0 {
			t.Errorf("%v after %v", err, time.Since(before))
		}
		slow := renewerOf(&fakeSource{latency: time.Hour}, nil)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer cancel()
		if _, err := slow.get(ctx); err == nil || err.Error() != "enough" || time.Since(before) > time.Second {
			t.Errorf("%v after %v", err, time.Since(before))
		}
		synctest.Wait()
	})
}

// TestAnotherCallerGivesUp tests that the other callers still get keys.
func TestAnotherCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewerOf(&fakeSource{latency: 2 * time.Second}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := r.get(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("the caller that gave up: %v", err)
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

func TestKeysExpiredOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := renewerOf(&fakeSource{lifetime: time.Second}, nil)
		if _, err := r.get(t.Context()); err == nil || !strings.Contains(err.Error(), "expired at") {
			t.Errorf("%v", err)
		}
	})
}
