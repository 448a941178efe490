package assist

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// far is a service over TLS to which every way takes a while. It is reached through pipes, for bubbles of synctest.
type far struct {
	*httptest.Server
	transport *Transport
	dialled   atomic.Int64

	mu    sync.Mutex
	lines []*pair
	ways  sync.WaitGroup
}

const way = 100 * time.Millisecond // there or back

// newFar starts a service that takes each connection's protocol from TLS.
func newFar(t testing.TB, http2 bool, handler http.HandlerFunc) *far {
	t.Helper()
	f := &far{Server: httptest.NewUnstartedServer(handler)}
	pipes := newPipes()
	_ = f.Listener.Close()
	f.Listener = pipes
	f.EnableHTTP2 = http2
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	f.transport = trusting(f.Server, Timeouts{Connect: 10 * time.Second, Read: 30 * time.Second})
	f.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		f.dialled.Add(1)
		if err := travel(ctx, 2*way); err != nil {
			return nil, err
		}
		server, err := pipes.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		mine, its := net.Pipe()
		p := &pair{mine: its, server: server}
		f.mu.Lock()
		f.lines = append(f.lines, p)
		f.mu.Unlock()
		f.ways.Go(func() { p.carry(server, its) })
		f.ways.Go(func() { p.carry(its, server) })
		return mine, nil
	}
	return f
}

// close ends the service and all connections.
func (f *far) close() {
	f.transport.CloseIdleConnections()
	f.mu.Lock()
	for _, p := range f.lines {
		_, _ = p.mine.Close(), p.server.Close()
	}
	f.mu.Unlock()
	f.Close()
	f.ways.Wait()
}

// pair is the two ends of a connection with a way between them.
type pair struct {
	mine, server net.Conn
	silent       atomic.Bool // nothing arrives any more
}

// carry carries what one end says to the other, until it ends.
func (p *pair) carry(to, from net.Conn) {
	type said struct {
		text []byte
		at   time.Time
	}
	line := make(chan said, 1000)
	go func() {
		defer close(line)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				line <- said{buffer[:n], time.Now().Add(way)}
			}
			if err != nil {
				line <- said{nil, time.Now().Add(way)}
				return
			}
		}
	}()
	for some := range line {
		_ = travel(context.Background(), time.Until(some.at))
		switch {
		case p.silent.Load():
		case some.text == nil:
			_ = to.Close()
		default:
			_, _ = to.Write(some.text)
		}
	}
}

func travel(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeIdle closes the connections of calls that have ended, to their ends.
func (f *far) closeIdle() {
	synctest.Wait()
	f.transport.CloseIdleConnections()
	synctest.Wait()
}

// counts returns how many connections are open or being made, and how many of them nobody has taken yet.
func (f *far) counts() (open, waiting int) {
	f.transport.prepared.mu.Lock()
	defer f.transport.prepared.mu.Unlock()
	h := f.transport.prepared.host("127.0.0.1:443")
	return h.open, len(h.waiting)
}

func (f *far) endpoint() Endpoint { return Endpoint{Host: "127.0.0.1", TLS: true} }

// post makes a call, and returns the protocol of the answer.
func (f *far) post(ctx context.Context) (string, error) {
	return post(ctx, f.transport, "https://127.0.0.1/")
}

func post(ctx context.Context, transport *Transport, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader("Action=RunCommand"))
	if err != nil {
		return "", err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.Proto, err
}

// trusting returns a transport that knows the certificate of a server.
func trusting(server *httptest.Server, timeouts Timeouts) *Transport {
	transport := NewTransport(timeouts)
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	return transport
}
