//go:build unix

package lab

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener is a listener for connections without a network.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { close(l.closed); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// withPipeServer serves a lab in a bubble, as Start does, to one client.
func withPipeServer(t *testing.T, test func(b *bubble, conn net.Conn)) {
	t.Helper()
	inBubble(t, 1, func(b *bubble) {
		listener := &pipeListener{make(chan net.Conn), make(chan struct{})}
		server, served := newHTTPServer(b.lab, nil), make(chan error)
		go func() { served <- server.Serve(listener) }()
		ours, theirs := net.Pipe()
		listener.conns <- theirs
		test(b, ours)
		_ = ours.Close()
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		b.after(time.Second) // net/http waits as long after some errors
	})
}

// runCallHeader returns the HTTP header of a call that runs a script, with more header lines.
func (b *bubble) runCallHeader(more string) string {
	return "POST " + runCall(b.lab).URL.RequestURI() + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n\r\n"
}

func (b *bubble) write(conn net.Conn, text string) {
	b.t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		b.t.Fatal(err)
	}
}

// TestServerTimeouts checks that the server closes the connections of clients that are too slow, and runs nothing for them.
func TestServerTimeouts(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100"
	for name, c := range map[string]struct {
		send   func(b *bubble, conn net.Conn)
		within time.Duration
		prefix string // of the response; empty: no response
	}{
		"no header":     {func(*bubble, net.Conn) {}, 10 * time.Second, ""},
		"half a header": {func(b *bubble, conn net.Conn) { b.write(conn, b.runCallHeader("")[:100]) }, 10 * time.Second, "HTTP/1.1 400"},
		"half a body":   {func(b *bubble, conn net.Conn) { b.write(conn, b.runCallHeader(form)+"KeepCommand=") }, 30 * time.Second, "HTTP/1.1 400"},
		"no next call":  {func(b *bubble, conn net.Conn) { b.write(conn, "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n") }, 2 * time.Minute, "HTTP/1.1 405"},
	} {
		withPipeServer(t, func(b *bubble, conn net.Conn) {
			c.send(b, conn)
			text, err := io.ReadAll(conn)
			if elapsed := time.Since(bubbleStart()); err != nil || elapsed != c.within || !strings.HasPrefix(string(text), c.prefix) || c.prefix == "" && len(text) > 0 {
				t.Errorf("%s: after %s: %q, %v", name, elapsed, text, err)
			}
			wantNothingRun(t, b.lab)
		})
	}
}

// TestUnreadResponse checks that the server closes the connection of a client that does not read the response.
func TestUnreadResponse(t *testing.T) {
	withPipeServer(t, func(b *bubble, conn net.Conn) {
		b.write(conn, "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		b.after(time.Minute + time.Second)
		if text, err := io.ReadAll(conn); len(text) > 0 || err != nil {
			t.Errorf("the connection is still open: %q, %v", text, err)
		}
	})
}

// TestRequestSizeLimits sends headers and bodies that are too large.
func TestRequestSizeLimits(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked"
	long := strings.Repeat("a", 1<<16)
	for name, c := range map[string]struct {
		begin func(b *bubble) string
		more  string // sent repeatedly
		want  int
	}{
		"header": {func(b *bubble) string { return strings.TrimSuffix(b.runCallHeader("X-Long: x"), "\r\n\r\n") }, long, http.StatusRequestHeaderFieldsTooLarge},
		"body":   {func(b *bubble) string { return b.runCallHeader(form) }, "10000\r\n" + long + "\r\n", http.StatusRequestEntityTooLarge},
	} {
		withPipeServer(t, func(b *bubble, conn net.Conn) {
			sent := make(chan int)
			go func() {
				defer close(sent)
				_, err := io.WriteString(conn, c.begin(b))
				for n := 0; err == nil && n < 4*maxBody; n += len(long) {
					_, err = io.WriteString(conn, c.more)
				}
			}()
			w, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if w.StatusCode != c.want {
				t.Errorf("%s: %s", name, w.Status)
			}
			_ = w.Body.Close()
			_ = conn.Close()
			<-sent
			synctest.Wait()
			wantNothingRun(t, b.lab)
		})
	}
}
