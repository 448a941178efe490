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

// preparedLife is how long a prepared connection waits for its first call. Services close connections on which nobody says
// anything, mostly after 10 seconds or more, and a call on one that has just been closed is lost: it is a POST, which net/http
// does not repeat.
const preparedLife = 5 * time.Second

// Prepare makes connections in the background until n are open to the endpoint, those in use included: the next calls find them
// with the handshake behind them, or under way. One is enough where the service speaks HTTP/2. Those that no call has used after
// a few seconds are closed, and so are those that the service closes. Whatever fails is left to the calls to report. Prepare does
// nothing for an endpoint that is reached through a proxy, or that speaks no TLS. The end of ctx stops what is not connected yet.
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

// prepare makes a connection, and watches it until it is taken or of no more use.
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

// prepared are the connections of a transport over TLS: how many there are, and those that are made before a call needs them.
type prepared struct {
	mu    sync.Mutex
	hosts map[string]*preparedHost // by host:port
}

type preparedHost struct {
	open    int          // connections that are open or being made
	http2   bool         // the service speaks it
	waiting []*preparing // nobody has taken them yet; the oldest first
}

// preparing is a connection that is made before a call needs it. A goroutine makes and watches it; whoever takes it waits for
// that to end.
type preparing struct {
	address string
	cancel  context.CancelFunc // ends the making
	made    chan struct{}      // closed when line and err are set
	line    *line              // nil if it could not be made
	err     error              // why; nil if it was stopped
	ended   chan struct{}      // closed when the goroutine has ended
	dead    bool               // set before ended is closed
	taken   bool               // under the lock, as the next one
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

// begin starts to make connections until n are open.
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

// opened counts a connection that is being made. closed must follow.
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

// made notes that a connection is made, and reports whether it has to be watched.
func (p *prepared) made(one *preparing, l *line) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	one.line = l
	if one.stopped { // perhaps for another one, which must stay then
		return false
	}
	p.host(one.address).learn(l, one)
	_ = l.SetReadDeadline(time.Now().Add(preparedLife))
	return true
}

// learn remembers whether the service speaks HTTP/2. If so, a connection, which was prepared or not, makes all others that wait
// unnecessary. The lock is held.
func (h *preparedHost) learn(l *line, prepared *preparing) {
	if h.http2 = l.http2(); h.http2 {
		h.drop(func(other *preparing) bool { return other == prepared })
	}
}

// learn is called with a connection that was not prepared.
func (p *prepared) learn(address string, l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host(address).learn(l, nil)
}

// leave takes a connection off the list, and reports whether somebody has taken it.
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

// drop gives up the connections that wait, but for some. The lock is held.
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

// stop ends the goroutine, whatever it does. The lock is held.
func (p *preparing) stop() {
	p.stopped = true
	p.cancel()
	if p.line != nil {
		_ = p.line.SetReadDeadline(time.Unix(1, 0))
	}
}

// take returns a connection that was prepared, or none. It waits for one that is still being made; the error is that of making
// it.
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
			if one.line != nil {
				_ = one.line.Close()
			}
			return nil, context.Cause(ctx)
		}
		if one.line == nil {
			if one.err != nil {
				return nil, one.err
			}
			continue
		}
		_ = one.line.SetReadDeadline(time.Unix(1, 0))
		<-one.ended
		if !one.dead {
			_ = one.line.SetReadDeadline(time.Time{})
			return one.line.tls, nil
		}
		_ = one.line.Close()
	}
}

// choose takes the oldest connection off the list, one that is made rather than one that is not.
func (p *prepared) choose(address string) *preparing {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(address)
	if len(h.waiting) == 0 {
		return nil
	}
	at := max(slices.IndexFunc(h.waiting, func(one *preparing) bool { return one.line != nil }), 0)
	one := h.waiting[at]
	h.waiting = slices.Delete(h.waiting, at, at+1)
	one.taken = true
	return one
}
