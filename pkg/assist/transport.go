package assist

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxConns is the maximum number of idle connections.
const maxConns = 64

// maxHeader is the maximum size of a response's header, in bytes.
const maxHeader = 64 << 10

// Timeouts limit a single attempt of a call.
type Timeouts struct {
	Connect time.Duration
	Read    time.Duration // from the last byte of the request to the last byte of the response
}

// Transport is an HTTP transport whose connections can be opened in advance; see [Transport.Prepare].
type Transport struct {
	*http.Transport
	prepared prepared
}

// NewTransport returns the HTTP transport of a client. It keeps connections alive, uses HTTP/2 if the service supports it, resumes TLS
// sessions, which it keeps in memory, and uses the proxies in the environment except for loopback addresses.
func NewTransport(timeouts Timeouts) *Transport {
	dialer := &net.Dialer{Timeout: timeouts.Connect, KeepAlive: 30 * time.Second}
	t := &Transport{Transport: &http.Transport{
		Proxy:                 proxyUnlessLoopback,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(maxConns)},
		TLSHandshakeTimeout:   timeouts.Connect,
		ResponseHeaderTimeout: timeouts.Read,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          maxConns,
		MaxIdleConnsPerHost:   maxConns,
		IdleConnTimeout:       90 * time.Second,

		MaxResponseHeaderBytes: maxHeader,

		// StrictMaxConcurrentRequests is not set: if the service allows fewer streams than there are calls, more connections are opened.
		// A connection without data is closed after half of the time that a response may take.
		HTTP2: &http.HTTP2Config{SendPingTimeout: timeouts.Read / 4, PingTimeout: timeouts.Read / 4},
	}}
	t.DialTLSContext = t.dialTLS
	t.CloseIdleConnections() // this makes net/http complete TLSClientConfig with its protocols; it does not modify the config later
	return t
}

// TrustOnly makes the transport accept only certificates of the given authorities; nil stands for those that the system trusts. Call
// it before the first connection.
func (t *Transport) TrustOnly(authorities *x509.CertPool) { t.TLSClientConfig.RootCAs = authorities }

// CloseIdleConnections closes connections that no call uses, and those that are being prepared.
func (t *Transport) CloseIdleConnections() {
	t.prepared.dropAll()
	t.Transport.CloseIdleConnections()
}

func proxyUnlessLoopback(r *http.Request) (*url.URL, error) {
	if loopbackHost(r.URL.Host) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// wire is the core library's HTTP client. It uses the shared transport, and keeps each response from the library, which would decode it
// into maps and lose the header of a refusal.
type wire struct{ client *http.Client }

type answerKey struct{}

// answer is the HTTP response of a call. Its status is 0 if there is none.
type answer struct {
	size   int // the maximum size of the body
	large  largeAnswers
	status int
	header http.Header
	body   *bounded
}

func withAnswer(ctx context.Context, size int, large largeAnswers) (context.Context, *answer) {
	a := &answer{size: size, large: large, body: newBounded(http.NoBody, size)}
	return context.WithValue(ctx, answerKey{}, a), a
}

// setResponse stores the HTTP response. A refusal has another maximum size.
func (a *answer) setResponse(ctx context.Context, response *http.Response) {
	size := a.size
	if !succeeded(response.StatusCode) {
		size = minAnswer
	}
	a.status, a.header, a.body = response.StatusCode, response.Header, newBounded(response.Body, size)
	a.body.large, a.body.ended = a.large, ctx.Done()
}

// Call sends the request. Its errors never include the URL, which contains the script and the signature.
func (w *wire) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	response, err := w.client.Do(request)
	if err != nil {
		return nil, bare(err)
	}
	if a, ok := request.Context().Value(answerKey{}).(*answer); ok {
		a.setResponse(request.Context(), response)
	}
	response.Body = http.NoBody
	return response, nil
}

// bare returns err without its URL.
func bare(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
