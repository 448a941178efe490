package assist

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestConcurrentCalls makes concurrent calls. The server responds when all have arrived.
func TestConcurrentCalls(t *testing.T) {
	const calls = 40
	for name, test := range map[string]struct {
		http2       bool
		streams     int
		connections func(n int64) bool
	}{
		"HTTP2":              {true, 0, func(n int64) bool { return n == 1 }},
		"HTTP2, 4 at a time": {true, 4, func(n int64) bool { return n >= calls/4 }},
		"HTTP1":              {false, 0, func(n int64) bool { return n >= calls }},
	} {
		t.Run(name, func(t *testing.T) {
			var arrived, connections atomic.Int64
			all := make(chan struct{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/first" {
					return
				}
				if arrived.Add(1) == calls {
					close(all)
				}
				select {
				case <-all:
				case <-r.Context().Done():
				}
			}))
			server.EnableHTTP2 = test.http2
			server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: test.streams}
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.StartTLS()
			defer server.Close()
			transport := trusting(server, Timeouts{Connect: time.Minute, Read: time.Minute})
			defer transport.CloseIdleConnections()

			want := "HTTP/1.1"
			if test.http2 {
				want = "HTTP/2.0"
			}
			if proto, err := post(t.Context(), transport, server.URL+"/first"); err != nil || proto != want {
				t.Fatalf("%s: %v", proto, err)
			}
			var running sync.WaitGroup
			for range calls {
				running.Go(func() {
					if proto, err := post(t.Context(), transport, server.URL); err != nil || proto != want {
						t.Errorf("%s: %v", proto, err)
					}
				})
			}
			running.Wait()
			if n := connections.Load(); !test.connections(n) {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// TestDeadHTTP2Connection tests a connection that no longer transfers data but is not closed.
func TestDeadHTTP2Connection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newDistantServer(t, true, noContent)
		defer f.close()
		if _, err := f.post(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.conns[0].silent.Store(true)
		began := time.Now()
		if _, err := f.post(t.Context()); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if waited := time.Since(began); waited > 15*time.Second { // half of the timeout for a response
			t.Errorf("after %s", waited)
		}
		if n := countRoundTrips(t, func() {
			if _, err := f.post(t.Context()); err != nil {
				t.Error(err)
			}
		}); n != 3 {
			t.Errorf("%v round trips", n)
		}
	})
}

// TestTLSSessionsAreResumed opens a second connection to the same server.
func TestTLSSessionsAreResumed(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, http2 bool) {
		resumed := make(chan bool, 1)
		f := newDistantServer(t, http2, func(_ http.ResponseWriter, r *http.Request) { resumed <- r.TLS.DidResume })
		defer f.close()
		for _, want := range []bool{false, true} {
			if _, err := f.post(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := <-resumed; got != want {
				t.Errorf("resumed %v, want %v", got, want)
			}
			f.closeIdle()
		}
	})
}
