package assist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// maxAnswer bounds an answer's size: a page of 50 outputs of 24 KB in Base64 is under 2 MB.
const maxAnswer = 64 << 20

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
	}
}

func proxyButForLoopback(r *http.Request) (*url.URL, error) {
	if loopbackHost(r.URL.Host) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// wire is the core library's HTTP client: it sends over the shared transport, and keeps each answer as it came, for the
// library parses an answer into maps and keeps no header of a refusal.
type wire struct {
	client  *http.Client
	buffers sync.Pool // of answers that have been read: pages of outputs are large
}

// maxKeptBuffer is more than a page of outputs takes.
const maxKeptBuffer = 4 << 20

func (w *wire) buffer(size int64) *bytes.Buffer {
	b, ok := w.buffers.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	b.Reset()
	if size > 0 && size <= maxAnswer {
		b.Grow(int(size) + bytes.MinRead) // or it would grow once more to see the end
	}
	return b
}

// release takes back an answer's body, which nobody may look at any more.
func (w *wire) release(a *answer) {
	if a.buffer != nil && a.buffer.Cap() <= maxKeptBuffer {
		w.buffers.Put(a.buffer)
	}
	a.buffer, a.body = nil, nil
}

type answerKey struct{}

// answer is what came back for one call.
type answer struct {
	status int
	header http.Header
	body   []byte
	buffer *bytes.Buffer // has the body
}

func withAnswer(ctx context.Context) (context.Context, *answer) {
	a := new(answer)
	return context.WithValue(ctx, answerKey{}, a), a
}

// Call sends the request. Its errors never hold the URL, in which the script and the signature stand.
func (w *wire) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	response, err := w.client.Do(request)
	if err != nil {
		return nil, bare(err)
	}
	sent := response.Body
	defer func() { _ = sent.Close() }()
	buffer := w.buffer(response.ContentLength)
	if _, err := buffer.ReadFrom(io.LimitReader(sent, maxAnswer+1)); err != nil {
		return nil, fmt.Errorf("read the answer: %w", bare(err))
	}
	if buffer.Len() > maxAnswer {
		return nil, fmt.Errorf("read the answer: it is larger than %d MiB", maxAnswer>>20)
	}
	if a, ok := request.Context().Value(answerKey{}).(*answer); ok {
		*a = answer{status: response.StatusCode, header: response.Header, body: buffer.Bytes(), buffer: buffer}
	}
	response.Body = io.NopCloser(bytes.NewReader(nil))
	return response, nil
}

func bare(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
