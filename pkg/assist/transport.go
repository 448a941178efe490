package assist

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxConns bounds how many idle connections are kept.
const maxConns = 64

// maxHeader bounds an answer's header.
const maxHeader = 64 << 10

// Timeouts bound one try of one call.
type Timeouts struct {
	Connect time.Duration
	Read    time.Duration // from the request's last byte to the answer's last
}

// Transport is an HTTP transport whose connections can be made before they are needed; see [Transport.Prepare].
type Transport struct {
	*http.Transport
	prepared prepared
}

// NewTransport returns the HTTP transport of a client. It keeps connections alive, speaks HTTP/2 where the service does, resumes
// TLS sessions, which it keeps in memory, and takes proxies from the environment, but never for loopback addresses.
func NewTransport(timeouts Timeouts) *Transport {
	dialer := &net.Dialer{Timeout: timeouts.Connect, KeepAlive: 30 * time.Second}
	t := &Transport{Transport: &http.Transport{
		Proxy:                 proxyButForLoopback,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(maxConns)},
		TLSHandshakeTimeout:   timeouts.Connect,
		ResponseHeaderTimeout: timeouts.Read,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxConns,
		MaxIdleConnsPerHost:   maxConns,
		IdleConnTimeout:       90 * time.Second,

		MaxResponseHeaderBytes: maxHeader,

		// Where the service allows fewer streams than there are calls, further connections carry the rest: StrictMaxConcurrentRequests
		// is not set. A connection that brings nothing is given up by half of the time that an answer may take.
		HTTP2: &http.HTTP2Config{SendPingTimeout: timeouts.Read / 4, PingTimeout: timeouts.Read / 4},
	}}
	t.DialTLSContext = t.dialTLS
	t.CloseIdleConnections() // net/http completes TLSClientConfig by that, with the protocols that it speaks, and then leaves it alone
	return t
}

// CloseIdleConnections closes the connections that no call uses, and ends those that are being prepared.
func (t *Transport) CloseIdleConnections() {
	t.prepared.dropAll()
	t.Transport.CloseIdleConnections()
}

func proxyButForLoopback(r *http.Request) (*url.URL, error) {
	if loopbackHost(r.URL.Host) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// wire is the core library's HTTP client: it sends over the shared transport, and keeps each answer to itself, for the
// library parses an answer into maps and keeps no header of a refusal.
type wire struct{ client *http.Client }

type answerKey struct{}

// answer is what came back for one call: nothing, when its status is 0.
type answer struct {
	size   int // what its body may have
	large  largeAnswers
	status int
	header http.Header
	body   *bounded
}

func withAnswer(ctx context.Context, size int, large largeAnswers) (context.Context, *answer) {
	a := &answer{size: size, large: large, body: newBounded(http.NoBody, size)}
	return context.WithValue(ctx, answerKey{}, a), a
}

// came takes a response. A refusal has a size of its own.
func (a *answer) came(ctx context.Context, response *http.Response) {
	size := a.size
	if !good(response.StatusCode) {
		size = minAnswer
	}
	a.status, a.header, a.body = response.StatusCode, response.Header, newBounded(response.Body, size)
	a.body.large, a.body.ended = a.large, ctx.Done()
}

// Call sends the request. Its errors never hold the URL, in which the script and the signature stand.
func (w *wire) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	response, err := w.client.Do(request)
	if err != nil {
		return nil, bare(err)
	}
	if a, ok := request.Context().Value(answerKey{}).(*answer); ok {
		a.came(request.Context(), response)
	}
	response.Body = http.NoBody
	return response, nil
}

func bare(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
