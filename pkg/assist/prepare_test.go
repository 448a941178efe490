package assist

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func noContent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// each runs a test with a service of each protocol, in synthetic time.
func each(t *testing.T, do func(t *testing.T, http2 bool)) {
	for name, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { do(t, http2) })
		})
	}
}

// took returns how many round trips something takes.
func took(t *testing.T, do func()) float64 {
	t.Helper()
	began := time.Now()
	do()
	return float64(time.Since(began)) / float64(2*way)
}

func TestAPreparedConnectionSavesItsRoundTrips(t *testing.T) {
	each(t, func(t *testing.T, http2 bool) {
		f := newFar(t, http2, noContent)
		defer f.close()
		call := func() {
			proto, err := f.post(t.Context())
			if err != nil || (proto == "HTTP/2.0") != http2 {
				t.Errorf("%s: %v", proto, err)
			}
		}
		if n := took(t, call); n != 3 {
			t.Errorf("%v round trips with a new connection", n)
		}
		if n := took(t, call); n != 1 {
			t.Errorf("%v round trips with one that is open", n)
		}
		f.closeIdle()

		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		if err := travel(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		if n := took(t, call); n != 1 {
			t.Errorf("%v round trips with a prepared one", n)
		}
		f.closeIdle()

		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		if err := travel(t.Context(), 3*way); err != nil {
			t.Fatal(err)
		}
		if n := took(t, call); n != 1.5 {
			t.Errorf("%v round trips with one of which two of four ways are behind it", n)
		}
		if n := f.dialled.Load(); n != 3 {
			t.Errorf("%d connections", n)
		}
	})
}

// TestManyArePrepared has calls side by side on connections that were prepared for them, some of which were there before.
func TestManyArePrepared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, false, noContent)
		defer f.close()
		if _, err := f.post(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{4, 8, 8, 2, 0, -1} {
			f.transport.Prepare(t.Context(), f.endpoint(), n)
		}
		_ = travel(t.Context(), time.Second)
		var calls sync.WaitGroup
		n := took(t, func() {
			for range 8 {
				calls.Go(func() {
					if _, err := f.post(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
		})
		if n != 1 || f.dialled.Load() != 8 {
			t.Errorf("%v round trips, %d connections", n, f.dialled.Load())
		}
	})
}

// TestOneIsEnoughForHTTP2 has the protocol known only after several connections have been begun.
func TestOneIsEnoughForHTTP2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, true, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 8)
		_ = travel(t.Context(), time.Second)
		if open, waiting := f.counts(); open != 1 || waiting != 1 {
			t.Errorf("%d open, %d waiting", open, waiting)
		}
		for range 20 {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
			f.transport.Prepare(t.Context(), f.endpoint(), 8)
		}
		if n := f.dialled.Load(); n != 8 {
			t.Errorf("%d connections", n)
		}
		f.closeIdle()
		if open, _ := f.counts(); open != 0 {
			t.Errorf("%d open at the end", open)
		}
		f.transport.Prepare(t.Context(), f.endpoint(), 8)
		_ = travel(t.Context(), time.Second)
		if n := f.dialled.Load(); n != 9 {
			t.Errorf("%d connections, the protocol being known", n)
		}
	})
}

func TestUnusedConnectionsAreClosed(t *testing.T) {
	each(t, func(t *testing.T, http2 bool) {
		f := newFar(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 3)
		_ = travel(t.Context(), time.Second)
		if open, waiting := f.counts(); open == 0 || open != waiting {
			t.Errorf("%d open, %d waiting", open, waiting)
		}
		_ = travel(t.Context(), preparedLife)
		synctest.Wait()
		if open, waiting := f.counts(); open != 0 || waiting != 0 {
			t.Errorf("after their time %d open, %d waiting", open, waiting)
		}
		if n := took(t, func() { _, _ = f.post(t.Context()) }); n != 3 {
			t.Errorf("%v round trips", n)
		}
	})
}

// TestClosingEndsWhatIsPrepared ends connections at every stage of being made, by the transport and by the context.
func TestClosingEndsWhatIsPrepared(t *testing.T) {
	each(t, func(t *testing.T, http2 bool) {
		for stage := range 6 {
			for _, end := range []string{"closed", "cancelled"} {
				f := newFar(t, http2, noContent)
				ctx, cancel := context.WithCancel(t.Context())
				f.transport.Prepare(ctx, f.endpoint(), 2)
				_ = travel(t.Context(), time.Duration(stage)*way)
				if end == "closed" {
					f.transport.CloseIdleConnections()
				} else {
					cancel()
				}
				if _, err := f.post(t.Context()); err != nil {
					t.Errorf("%s after %d ways: %v", end, stage, err)
				}
				f.closeIdle()
				if open, waiting := f.counts(); open != 0 || waiting != 0 {
					t.Errorf("%s after %d ways: %d open, %d waiting", end, stage, open, waiting)
				}
				cancel()
				f.close()
			}
		}
	})
}

// TestAClosedConnectionIsNotUsed has the service close prepared connections before a call comes.
func TestAClosedConnectionIsNotUsed(t *testing.T) {
	each(t, func(t *testing.T, http2 bool) {
		f := newFar(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		_ = travel(t.Context(), time.Second)
		f.CloseClientConnections()
		_ = travel(t.Context(), 2*way)
		for range 3 {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestACallThatGivesUpTakesNoConnectionAlong has a call end while it waits for a connection that is being prepared.
func TestACallThatGivesUpTakesNoConnectionAlong(t *testing.T) {
	each(t, func(t *testing.T, http2 bool) {
		f := newFar(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), way)
		defer cancel()
		if _, err := f.post(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		n := took(t, func() {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if n != 2.5 {
			t.Errorf("%v round trips", n)
		}
	})
}

// TestAPreparedConnectionThatFails has the error of a connection that a call waits for come to the call, and that of others to
// nobody.
func TestAPreparedConnectionThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(t, true, noContent)
		defer f.close()
		dial, refused := f.transport.DialContext, &net.OpError{Op: "dial", Err: os.ErrPermission}
		f.transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			if err := travel(ctx, way); err != nil {
				return nil, err
			}
			return nil, refused
		}
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		if _, err := f.post(t.Context()); !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		_ = travel(t.Context(), time.Second)
		f.transport.DialContext = dial
		if _, err := f.post(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestASlowHandshakeEnds has a service that takes connections and says nothing.
func TestASlowHandshakeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := NewTransport(Timeouts{Connect: time.Second, Read: time.Minute})
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			mine, its := net.Pipe()
			go func() {
				buffer := make([]byte, 4096)
				for {
					if _, err := its.Read(buffer); err != nil {
						return
					}
				}
			}()
			return mine, nil
		}
		defer transport.CloseIdleConnections()
		for _, prepared := range []int{0, 1} {
			transport.Prepare(t.Context(), Endpoint{Host: "127.0.0.1", TLS: true}, prepared)
			began := time.Now()
			_, err := post(t.Context(), transport, "https://127.0.0.1/")
			slow, ok := errors.AsType[net.Error](err)
			if !ok || !slow.Timeout() || err.Error() != "the TLS handshake took too long" || time.Since(began) != time.Second {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
		}
	})
}

// TestNothingIsPreparedBehindAProxy uses the proxy of TestMain, at which nothing answers.
func TestNothingIsPreparedBehindAProxy(t *testing.T) {
	transport := NewTransport(Timeouts{})
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection is made")
		return nil, os.ErrPermission
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	transport.Prepare(t.Context(), Endpoint{Host: "ecs.example.com", TLS: true}, 1)
	transport.Prepare(t.Context(), Endpoint{Host: "127.0.0.1"}, 1)
	transport.Prepare(ended, Endpoint{Host: "127.0.0.1", TLS: true}, 1)
	if len(transport.prepared.hosts) != 0 {
		t.Errorf("%v", transport.prepared.hosts)
	}
}
