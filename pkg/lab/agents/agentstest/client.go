package agentstest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// newClient returns a client whose requests are signed. WebSockets need HTTP/1.1.
func (a *Agent) newClient(http2 bool) *http.Client {
	transport := &http.Transport{
		TLSClientConfig:     a.o.TLS.Clone(),
		ForceAttemptHTTP2:   http2,
		DialContext:         a.o.Dial,
		MaxIdleConnsPerHost: 4,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if !http2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
		transport.DisableKeepAlives = true
	}
	a.idle = append(a.idle, transport.CloseIdleConnections)
	var sender http.RoundTripper = signer{a, transport}
	if a.o.Wrap != nil {
		sender = a.o.Wrap(sender)
	}
	return &http.Client{Transport: sender}
}

// signer signs requests.
type signer struct {
	agent *Agent
	next  http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (s signer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.GetBody != nil { // the request may be sent again
		var err error
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	a := s.agent
	a.mu.Lock()
	registered := a.registered
	a.mu.Unlock()
	r.Header.Set("User-Agent", a.o.OSType+"_amd64/"+a.version())
	if registered.instanceID == "" {
		return s.next.RoundTrip(r)
	}
	signedHost := registered.machineID
	if a.o.Build >= build1065 {
		signedHost = a.fingerprint
	}
	timestamp := strconv.FormatInt(time.Now().Add(a.o.Skew).UnixMilli(), 10)
	requestID := rand.Text()
	sum := md5.Sum([]byte(registered.instanceID + signedHost + timestamp + requestID))
	signature, err := rsa.SignPKCS1v15(nil, a.key, crypto.MD5, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	r.Header.Set("x-acs-instance-id", registered.instanceID)
	r.Header.Set("x-acs-timestamp", timestamp)
	r.Header.Set("x-acs-request-id", requestID)
	r.Header.Set("x-acs-signature", base64.StdEncoding.EncodeToString(signature))
	return s.next.RoundTrip(r)
}

// The timeouts of requests.
const (
	requestTimeout = 5 * time.Second
	listTimeout    = 8 * time.Second
)

// call sends a request and returns the body of the response. A status above 400 is an error; 400 is none.
func (a *Agent) call(ctx context.Context, method, target, contentType string, body []byte, timeout time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "https://"+a.o.Endpoint+target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	r.Header.Set("Content-Type", contentType)
	response, err := a.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", target, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", target, err)
	}
	if response.StatusCode > http.StatusBadRequest {
		return answer, fmt.Errorf("call %s: status %d: %s", target, response.StatusCode, answer)
	}
	return answer, nil
}

// post sends a request that is no report.
func (a *Agent) post(ctx context.Context, target string, body []byte) ([]byte, error) {
	return a.call(ctx, http.MethodPost, target, "application/json; charset=utf-8", body, requestTimeout)
}
