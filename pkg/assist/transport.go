package assist

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxHeader bounds an answer's header.
const maxHeader = 64 << 10

// Timeouts bound one try of one call.
type Timeouts struct {
	Connect time.Duration
	Read    time.Duration // from the request's last byte to the answer's last
}

// NewTransport is the HTTP transport that all clients of a process share: connections are kept alive, and proxies come
// from the environment, but never for loopback addresses.
func NewTransport(t Timeouts) *http.Transport {
	dialer := &net.Dialer{Timeout: t.Connect, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 proxyButForLoopback,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   t.Connect,
		ResponseHeaderTimeout: t.Read,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,

		MaxResponseHeaderBytes: maxHeader,
	}
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
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
