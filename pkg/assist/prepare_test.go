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

// forEachProtocol runs a test for HTTP/1.1 and HTTP/2, in synthetic time.
func forEachProtocol(t *testing.T, do func(t *testing.T, http2 bool)) {
	for name, http2 := range map[string]bool{"HTTP1": false, "HTTP2": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { do(t, http2) })
		})
	}
}

// countRoundTrips returns how many round trips do takes.
func countRoundTrips(t *testing.T, do func()) float64 {
	t.Helper()
	began := time.Now()
	do()
	return float64(time.Since(began)) / float64(2*oneWay)
}

func TestPreparedConnectionSavesRoundTrips(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		f := newDistantServer(t, http2, noContent)
		defer f.close()
		call := func() {
			proto, err := f.post(t.Context())
			if err != nil || (proto == "HTTP/2.0") != http2 {
				t.Errorf("%s: %v", proto, err)
			}
		}
		if n := countRoundTrips(t, call); n != 3 {
			t.Errorf("%v round trips with a new connection", n)
		}
		if n := countRoundTrips(t, call); n != 1 {
			t.Errorf("%v round trips with an open one", n)
		}
		f.closeIdle()

		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		if err := wait(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		if n := countRoundTrips(t, call); n != 1 {
			t.Errorf("%v round trips with a prepared one", n)
		}
		f.closeIdle()

		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		if err := wait(t.Context(), 3*oneWay); err != nil {
			t.Fatal(err)
		}
		if n := countRoundTrips(t, call); n != 1.5 {
			t.Errorf("%v round trips with one that is half open", n)
		}
		if n := f.dialled.Load(); n != 3 {
			t.Errorf("%d connections", n)
		}
	})
}

// TestPrepareMany makes concurrent calls on prepared connections, one of which was already open.
func TestPrepareMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newDistantServer(t, false, noContent)
		defer f.close()
		if _, err := f.post(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{4, 8, 8, 2, 0, -1} {
			f.transport.Prepare(t.Context(), f.endpoint(), n)
		}
		_ = wait(t.Context(), time.Second)
		var calls sync.WaitGroup
		n := countRoundTrips(t, func() {
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

// TestOneIsEnoughForHTTP2 tests that only one connection remains when the protocol becomes known after several have been started.
func TestOneIsEnoughForHTTP2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newDistantServer(t, true, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 8)
		_ = wait(t.Context(), time.Second)
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
		_ = wait(t.Context(), time.Second)
		if n := f.dialled.Load(); n != 9 {
			t.Errorf("%d connections with a known protocol", n)
		}
	})
}

func TestUnusedConnectionsAreClosed(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		f := newDistantServer(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 3)
		_ = wait(t.Context(), time.Second)
		if open, waiting := f.counts(); open == 0 || open != waiting {
			t.Errorf("%d open, %d waiting", open, waiting)
		}
		_ = wait(t.Context(), preparedLifetime)
		synctest.Wait()
		if open, waiting := f.counts(); open != 0 || waiting != 0 {
			t.Errorf("after their lifetime %d open, %d waiting", open, waiting)
		}
		if n := countRoundTrips(t, func() { _, _ = f.post(t.Context()) }); n != 3 {
			t.Errorf("%v round trips", n)
		}
	})
}

// TestClosePreparedConnections closes connections at every stage of opening, through the transport and the context.
func TestClosePreparedConnections(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		for stage := range 6 {
			for _, end := range []string{"closed", "cancelled"} {
				f := newDistantServer(t, http2, noContent)
				ctx, cancel := context.WithCancel(t.Context())
				f.transport.Prepare(ctx, f.endpoint(), 2)
				_ = wait(t.Context(), time.Duration(stage)*oneWay)
				if end == "closed" {
					f.transport.CloseIdleConnections()
				} else {
					cancel()
				}
				if _, err := f.post(t.Context()); err != nil {
					t.Errorf("%s at stage %d: %v", end, stage, err)
				}
				f.closeIdle()
				if open, waiting := f.counts(); open != 0 || waiting != 0 {
					t.Errorf("%s at stage %d: %d open, %d waiting", end, stage, open, waiting)
				}
				cancel()
				f.close()
			}
		}
	})
}

// TestClosedConnectionIsNotUsed has the server close prepared connections before a call.
func TestClosedConnectionIsNotUsed(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		f := newDistantServer(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		_ = wait(t.Context(), time.Second)
		f.CloseClientConnections()
		_ = wait(t.Context(), 2*oneWay)
		for range 3 {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestCancelWhilePreparing cancels a call that waits for a connection that is being opened.
func TestCancelWhilePreparing(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		f := newDistantServer(t, http2, noContent)
		defer f.close()
		f.transport.Prepare(t.Context(), f.endpoint(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), oneWay)
		defer cancel()
		if _, err := f.post(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		n := countRoundTrips(t, func() {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if n != 2.5 {
			t.Errorf("%v round trips", n)
		}
	})
}

// TestPrepareFails tests that a call gets the error of the connection that it waits for, and that other errors are ignored.
func TestPrepareFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newDistantServer(t, true, noContent)
		defer f.close()
		dial, refused := f.transport.DialContext, &net.OpError{Op: "dial", Err: os.ErrPermission}
		f.transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			if err := wait(ctx, oneWay); err != nil {
				return nil, err
			}
			return nil, refused
		}
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		if _, err := f.post(t.Context()); !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		f.transport.Prepare(t.Context(), f.endpoint(), 2)
		_ = wait(t.Context(), time.Second)
		f.transport.DialContext = dial
		if _, err := f.post(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestHandshakeTimeout has a server that accepts connections and sends nothing.
func TestHandshakeTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := NewTransport(Timeouts{Connect: time.Second, Read: time.Minute})
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				buffer := make([]byte, 4096)
				for {
					if _, err := server.Read(buffer); err != nil {
						return
					}
				}
			}()
			return client, nil
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

// TestPrepareDoesNothing tests an endpoint with the proxy of TestMain, one without TLS, and a context that has ended.
func TestPrepareDoesNothing(t *testing.T) {
	transport := NewTransport(Timeouts{})
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection is opened")
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
