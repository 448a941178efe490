package assist

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// dialTLS is the DialTLSContext of the HTTP transport. It returns a prepared connection, or opens one.
func (t *Transport) dialTLS(ctx context.Context, _, address string) (net.Conn, error) {
	if conn, err := t.prepared.take(ctx, address); conn != nil || err != nil {
		return conn, err
	}
	t.prepared.opened(address)
	l, err := t.connect(ctx, address)
	if err != nil {
		return nil, err
	}
	t.prepared.learn(address, l)
	return l.tls, nil
}

// connect opens a connection to host:port and completes the TLS handshake. The caller must have counted it with opened.
func (t *Transport) connect(ctx context.Context, address string) (*rawConn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		t.prepared.closed(address)
		return nil, err
	}
	conn, err := t.DialContext(ctx, "tcp", address)
	if err != nil {
		t.prepared.closed(address)
		return nil, err
	}
	l := &rawConn{Conn: conn, closed: func() { t.prepared.closed(address) }}
	config := t.TLSClientConfig.Clone()
	config.ServerName = host
	l.tls = tls.Client(l, config)
	if err := l.handshake(ctx, t.TLSHandshakeTimeout); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// handshake completes the TLS handshake within a timeout, if it is not 0. The error is [http.ErrSchemeMismatch] if the server speaks
// plain HTTP.
func (l *rawConn) handshake(ctx context.Context, timeout time.Duration) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, handshakeTimeout{})
		defer cancel()
	}
	err := l.tls.HandshakeContext(ctx)
	if slow, ok := context.Cause(ctx).(handshakeTimeout); ok && err != nil { //nolint:errorlint // it is never wrapped
		return slow
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(record.RecordHeader[:]) == "HTTP/" {
		return http.ErrSchemeMismatch
	}
	return err
}

// handshakeTimeout is the error of a TLS handshake that takes too long. It is a net.Error.
type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "the TLS handshake took too long" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }
