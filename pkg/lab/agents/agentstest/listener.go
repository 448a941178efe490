package agentstest

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// Listener is a listener for connections inside the process, which work in the bubbles of testing/synctest.
type Listener struct {
	accepts    chan net.Conn
	closed     chan struct{}
	once       sync.Once
	Unbuffered bool // what is written waits until it is read
}

// NewListener returns a listener.
func NewListener() *Listener {
	return &Listener{accepts: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for a connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepts:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close closes the listener, and no connections.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address with port 443.
func (l *Listener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "127.0.0.1:443" }

// Dial connects to the listener. It is an [Options.Dial].
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	if !l.Unbuffered {
		client, server = newBufferedConn(client), newBufferedConn(server)
	}
	select {
	case l.accepts <- server:
		return client, nil
	case <-l.closed:
	case <-ctx.Done():
	}
	_, _ = client.Close(), server.Close()
	return nil, net.ErrClosed
}

// bufferedConn is one end of a net.Pipe with a buffer for what is written, as a network has. Without it, both ends can wait in Write while
// they hold locks.
type bufferedConn struct {
	net.Conn
	writes chan []byte
	closed chan struct{}
	once   sync.Once
}

func newBufferedConn(c net.Conn) net.Conn {
	b := &bufferedConn{Conn: c, writes: make(chan []byte, 64), closed: make(chan struct{})}
	go b.send()
	return b
}

func (c *bufferedConn) Write(p []byte) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	select {
	case c.writes <- slices.Clone(p):
		return len(p), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

// SetWriteDeadline does nothing: crypto/tls sets a deadline in the past once it has written everything, and what is in the buffer would
// get lost.
func (c *bufferedConn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline implements [net.Conn].
func (c *bufferedConn) SetDeadline(at time.Time) error { return c.SetReadDeadline(at) }

// send sends what was written. After Close, the other end has a second to read the rest.
func (c *bufferedConn) send() {
	defer func() { _ = c.Conn.Close() }()
	for {
		select {
		case p := <-c.writes:
			if _, err := c.Conn.Write(p); err != nil {
				return
			}
		case <-c.closed:
			for {
				select {
				case p := <-c.writes:
					if _, err := c.Conn.Write(p); err != nil {
						return
					}
				default:
					return
				}
			}
		}
	}
}

func (c *bufferedConn) Close() error {
	c.once.Do(func() {
		_ = c.SetReadDeadline(time.Unix(0, 0))
		_ = c.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		close(c.closed)
	})
	return nil
}
