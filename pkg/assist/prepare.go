package assist

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"
)

// preparedLifetime is how long a prepared connection waits for its first call. Services close idle connections, usually after 10 seconds
// or more. A call on a connection that has just been closed is lost, because net/http does not retry a POST.
const preparedLifetime = 5 * time.Second

// Prepare opens connections to the endpoint in the background, until n are open including those in use. The next calls find them with
// the handshake completed or in progress. One connection is enough for HTTP/2. Connections that no call has used after a few seconds
// are closed. Prepare ignores errors; calls report them. It does nothing for an endpoint with a proxy or without TLS. When ctx ends,
// connections that are not yet open are abandoned.
func (t *Transport) Prepare(ctx context.Context, e Endpoint, n int) {
	target := url.URL{Scheme: "https", Host: e.Host}
	if !e.TLS || ctx.Err() != nil {
		return
	}
	if by, err := t.Proxy(&http.Request{URL: &target}); err != nil || by != nil {
		return
	}
	address := net.JoinHostPort(target.Hostname(), cmp.Or(target.Port(), "443"))
	t.prepared.begin(ctx, address, min(n, maxConns), t.prepare)
}

// prepare opens a connection, and watches it until it is taken or no longer usable.
func (t *Transport) prepare(ctx context.Context, p *preparing) {
	defer close(p.ended)
	defer p.cancel()
	l, err := t.connect(ctx, p.address)
	if err != nil {
		if ctx.Err() == nil {
			p.err = err
		}
		close(p.made)
		t.prepared.leave(p)
		return
	}
	waits := t.prepared.made(p, l)
	close(p.made)
	if waits {
		err = l.watch()
	}
	switch {
	case !t.prepared.leave(p):
		_ = l.tls.Close()
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		p.dead = true
	}
}

// prepared tracks the TLS connections of a transport: their number, and those that were opened before a call needs them.
type prepared struct {
	mu    sync.Mutex
	hosts map[string]*preparedHost // by host:port
}

type preparedHost struct {
	open    int          // the number of connections that are open or being opened
	http2   bool         // whether the service supports HTTP/2
	waiting []*preparing // not yet taken; the oldest first
}

// preparing is a connection that is opened before a call needs it. A goroutine opens and watches it. The call that takes it waits for
// the end of the goroutine.
type preparing struct {
	address string
	cancel  context.CancelFunc // stops opening the connection
	made    chan struct{}      // closed when conn and err are set
	conn    *rawConn           // nil if it could not be opened
	err     error              // why it could not be opened; nil if it was stopped
	ended   chan struct{}      // closed when the goroutine ends
	dead    bool               // set before ended is closed
	taken   bool               // protected by the lock, like stopped
	stopped bool
}

// host returns the entry of host:port. The lock is held.
func (p *prepared) host(address string) *preparedHost {
	if p.hosts == nil {
		p.hosts = map[string]*preparedHost{}
	}
	if p.hosts[address] == nil {
		p.hosts[address] = new(preparedHost)
	}
	return p.hosts[address]
}

// begin starts opening connections until n are open.
func (p *prepared) begin(ctx context.Context, address string, n int, prepare func(context.Context, *preparing)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(address)
	if h.http2 {
		n = min(n, 1)
	}
	for ; h.open < n; h.open++ {
		ctx, cancel := context.WithCancel(ctx)
		one := &preparing{address: address, cancel: cancel, made: make(chan struct{}), ended: make(chan struct{})}
		h.waiting = append(h.waiting, one)
		go prepare(ctx, one)
	}
}

// opened counts a connection that is being opened. closed must follow.
func (p *prepared) opened(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host(address).open++
}

func (p *prepared) closed(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host(address).open--
}

// made records an open connection, and reports whether it must be watched.
func (p *prepared) made(one *preparing, l *rawConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.conn = l
	if one.stopped { // perhaps because of another connection, which must stay
		return false
	}
	p.host(one.address).learn(l, one)
	_ = l.SetReadDeadline(time.Now().Add(preparedLifetime))
	return true
}

// learn records whether the service supports HTTP/2. If so, all waiting connections except prepared are unnecessary. The lock is held.
func (h *preparedHost) learn(l *rawConn, prepared *preparing) {
	if h.http2 = l.http2(); h.http2 {
		h.drop(func(other *preparing) bool { return other == prepared })
	}
}

// learn is like [preparedHost.learn], for a connection that was not prepared.
func (p *prepared) learn(address string, l *rawConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host(address).learn(l, nil)
}

// leave removes a connection from the list, and reports whether a call has taken it.
func (p *prepared) leave(one *preparing) (taken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(one.address)
	h.waiting = slices.DeleteFunc(h.waiting, func(other *preparing) bool { return other == one })
	return one.taken
}

func (p *prepared) dropAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.hosts {
		h.drop(func(*preparing) bool { return false })
	}
}

// drop stops waiting connections, except those that keep selects. The lock is held.
func (h *preparedHost) drop(keep func(*preparing) bool) {
	var kept []*preparing
	for _, one := range h.waiting {
		if keep(one) {
			kept = append(kept, one)
			continue
		}
		one.stop()
	}
	h.waiting = kept
}

// stop ends the goroutine. The lock is held.
func (p *preparing) stop() {
	p.stopped = true
	p.cancel()
	if p.conn != nil {
		_ = p.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// take returns a prepared connection, or nil if there is none. It waits for one that is still being opened, and returns the error of
// opening it.
func (p *prepared) take(ctx context.Context, address string) (net.Conn, error) {
	for {
		one := p.choose(address)
		if one == nil {
			return nil, nil
		}
		select {
		case <-one.made:
		case <-ctx.Done():
			p.mu.Lock()
			one.stop()
			p.mu.Unlock()
			<-one.ended
			if one.conn != nil {
				_ = one.conn.Close()
			}
			return nil, context.Cause(ctx)
		}
		if one.conn == nil {
			if one.err != nil {
				return nil, one.err
			}
			continue
		}
		_ = one.conn.SetReadDeadline(time.Unix(1, 0))
		<-one.ended
		if !one.dead {
			_ = one.conn.SetReadDeadline(time.Time{})
			return one.conn.tls, nil
		}
		_ = one.conn.Close()
	}
}

// choose removes the oldest connection from the list. It prefers open connections.
func (p *prepared) choose(address string) *preparing {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(address)
	if len(h.waiting) == 0 {
		return nil
	}
	at := max(slices.IndexFunc(h.waiting, func(one *preparing) bool { return one.conn != nil }), 0)
	one := h.waiting[at]
	h.waiting = slices.Delete(h.waiting, at, at+1)
	one.taken = true
	return one
}
