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

// pipes is a listener to whom connections come without a network.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.closed); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// overPipe serves a lab as Start does, but in a bubble, to one client.
func overPipe(t *testing.T, test func(b *bubble, conn net.Conn)) {
	t.Helper()
	inBubble(t, 1, func(b *bubble) {
		listener := &pipes{make(chan net.Conn), make(chan struct{})}
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
		b.after(time.Second) // which net/http waits after some refusals
	})
}

// runsAs is a call that would run a script, in the words of HTTP, up to the end of its head.
func (b *bubble) runsAs(more string) string {
	return "POST " + runs(b.lab).URL.RequestURI() + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n\r\n"
}

func (b *bubble) write(conn net.Conn, text string) {
	b.t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		b.t.Fatal(err)
	}
}

// TestTimesAreBounded wants the server to have done with clients that keep it waiting, and nothing to run for them.
func TestTimesAreBounded(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100"
	for name, c := range map[string]struct {
		send   func(b *bubble, conn net.Conn)
		within time.Duration
		answer string // how it begins
	}{
		"no head":      {func(*bubble, net.Conn) {}, 10 * time.Second, ""},
		"half a head":  {func(b *bubble, conn net.Conn) { b.write(conn, b.runsAs("")[:100]) }, 10 * time.Second, "HTTP/1.1 400"},
		"half a body":  {func(b *bubble, conn net.Conn) { b.write(conn, b.runsAs(form)+"KeepCommand=") }, 30 * time.Second, "HTTP/1.1 400"},
		"no next call": {func(b *bubble, conn net.Conn) { b.write(conn, "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n") }, 2 * time.Minute, "HTTP/1.1 405"},
	} {
		overPipe(t, func(b *bubble, conn net.Conn) {
			c.send(b, conn)
			text, err := io.ReadAll(conn)
			if took := time.Since(bubbleBegan()); err != nil || took != c.within || !strings.HasPrefix(string(text), c.answer) || c.answer == "" && len(text) > 0 {
				t.Errorf("%s: after %s: %q, %v", name, took, text, err)
			}
			wantNothing(t, b.lab)
		})
	}
}

// TestUnreadAnswer has a client that does not take its answer.
func TestUnreadAnswer(t *testing.T) {
	overPipe(t, func(b *bubble, conn net.Conn) {
		b.write(conn, "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		b.after(time.Minute + time.Second)
		if text, err := io.ReadAll(conn); len(text) > 0 || err != nil {
			t.Errorf("it still waits: %q, %v", text, err)
		}
	})
}

// TestHeadsAndBodiesAreBounded sends more than any call has.
func TestHeadsAndBodiesAreBounded(t *testing.T) {
	const form = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked"
	long := strings.Repeat("a", 1<<16)
	for name, c := range map[string]struct {
		begin func(b *bubble) string
		more  string // again and again
		want  int
	}{
		"a head": {func(b *bubble) string { return strings.TrimSuffix(b.runsAs("X-Long: x"), "\r\n\r\n") }, long, http.StatusRequestHeaderFieldsTooLarge},
		"a body": {func(b *bubble) string { return b.runsAs(form) }, "10000\r\n" + long + "\r\n", http.StatusRequestEntityTooLarge},
	} {
		overPipe(t, func(b *bubble, conn net.Conn) {
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
			wantNothing(t, b.lab)
		})
	}
}
