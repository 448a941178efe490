package agents

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// maxUnproved is the number of connections whose hosts have not proved their identity yet. Their timeouts are short. They are limited
// apart from the others, so that clients without identity cannot use up all connections.
const maxUnproved = 512

// limitListener limits the number of open connections. More have to wait in the backlog of the listener: if they were closed, hosts that
// all come back at the same time after a restart of the lab would wait half an hour before they try again.
type limitListener struct {
	net.Listener
	max int

	mu       sync.Mutex
	changed  *sync.Cond
	open     int
	unproved int
	closed   bool
}

func newLimitListener(l net.Listener, most int) *limitListener {
	limited := &limitListener{Listener: l, max: most}
	limited.changed = sync.NewCond(&limited.mu)
	return limited
}

// Accept waits until there is room for a connection, and returns the next one.
func (l *limitListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	for !l.closed && (l.open >= l.max || l.unproved >= maxUnproved) {
		l.changed.Wait()
	}
	l.open++
	l.unproved++
	l.mu.Unlock()
	c, err := l.Listener.Accept()
	if err != nil {
		l.release(true)
		return nil, err
	}
	return &limitedConn{Conn: c, listener: l}, nil
}

// unblock makes Accept no longer wait for room, because the listener is being closed.
func (l *limitListener) unblock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
}

// Close closes the listener.
func (l *limitListener) Close() error {
	l.unblock()
	return l.Listener.Close()
}

func (l *limitListener) release(unproved bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if unproved {
		l.unproved--
	}
	l.changed.Broadcast()
}

// limitedConn is a connection that a limitListener counts.
type limitedConn struct {
	net.Conn
	listener *limitListener

	mu     sync.Mutex
	proved bool
	closed bool
}

// prove notes that the host at the other end has proved its identity.
func (c *limitedConn) prove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved || c.closed {
		return
	}
	c.proved = true
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.listener.unproved--
	c.listener.changed.Broadcast()
}

// Close closes the connection and makes room for another one.
func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.listener.release(!c.proved)
	}
	return err
}

type connectionKey struct{}

// withConnection makes the connection of a request available to proveConnection.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	return context.WithValue(ctx, connectionKey{}, c)
}

// proveConnection notes that the host at the other end of a request's connection has proved its identity.
func proveConnection(ctx context.Context) {
	if c, ok := ctx.Value(connectionKey{}).(*limitedConn); ok {
		c.prove()
	}
}
