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

// distantServer is a TLS server with a latency. It is reached through pipes, which work in synctest bubbles.
type distantServer struct {
	*httptest.Server
	transport *Transport
	dialled   atomic.Int64

	mu    sync.Mutex
	conns []*connPair
	links sync.WaitGroup
}

const oneWay = 100 * time.Millisecond // the latency in one direction

// newDistantServer starts a server with or without HTTP/2.
func newDistantServer(t testing.TB, http2 bool, handler http.HandlerFunc) *distantServer {
	t.Helper()
	f := &distantServer{Server: httptest.NewUnstartedServer(handler)}
	pipes := newPipes()
	_ = f.Listener.Close()
	f.Listener = pipes
	f.EnableHTTP2 = http2
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	f.transport = trusting(f.Server, Timeouts{Connect: 10 * time.Second, Read: 30 * time.Second})
	f.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		f.dialled.Add(1)
		if err := wait(ctx, 2*oneWay); err != nil {
			return nil, err
		}
		server, err := pipes.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		client, remote := net.Pipe()
		p := &connPair{client: remote, server: server}
		f.mu.Lock()
		f.conns = append(f.conns, p)
		f.mu.Unlock()
		f.links.Go(func() { p.forward(server, remote) })
		f.links.Go(func() { p.forward(remote, server) })
		return client, nil
	}
	return f
}

// close stops the server and closes all connections.
func (f *distantServer) close() {
	f.transport.CloseIdleConnections()
	f.mu.Lock()
	for _, p := range f.conns {
		_, _ = p.client.Close(), p.server.Close()
	}
	f.mu.Unlock()
	f.Close()
	f.links.Wait()
}

// connPair is the two ends of a connection with a latency.
type connPair struct {
	client, server net.Conn
	silent         atomic.Bool // drops all data
}

// forward forwards data from one end to the other, until it is closed.
func (p *connPair) forward(to, from net.Conn) {
	type packet struct {
		data []byte
		at   time.Time
	}
	packets := make(chan packet, 1000)
	go func() {
		defer close(packets)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				packets <- packet{buffer[:n], time.Now().Add(oneWay)}
			}
			if err != nil {
				packets <- packet{nil, time.Now().Add(oneWay)}
				return
			}
		}
	}()
	for next := range packets {
		_ = wait(context.Background(), time.Until(next.at))
		switch {
		case p.silent.Load():
		case next.data == nil:
			_ = to.Close()
		default:
			_, _ = to.Write(next.data)
		}
	}
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeIdle closes idle connections and waits until they are closed.
func (f *distantServer) closeIdle() {
	synctest.Wait()
	f.transport.CloseIdleConnections()
	synctest.Wait()
}

// counts returns the number of connections that are open or being opened, and how many of them are not yet taken.
func (f *distantServer) counts() (open, waiting int) {
	f.transport.prepared.mu.Lock()
	defer f.transport.prepared.mu.Unlock()
	h := f.transport.prepared.host("127.0.0.1:443")
	return h.open, len(h.waiting)
}

func (f *distantServer) endpoint() Endpoint { return Endpoint{Host: "127.0.0.1", TLS: true} }

// post makes a call and returns the protocol of the response.
func (f *distantServer) post(ctx context.Context) (string, error) {
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

// trusting returns a transport that trusts the certificate of a server.
func trusting(server *httptest.Server, timeouts Timeouts) *Transport {
	transport := NewTransport(timeouts)
	transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	return transport
}
