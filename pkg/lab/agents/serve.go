package agents

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	shutdownTimeout = 2 * time.Second
	maxHeader       = 16 << 10

	// idleTimeout is shorter than the interval of heartbeats, so that a host at rest keeps no connection but its channel, and no divisor
	// of a minute, so that hosts with a schedule do not send on a connection that is just being closed.
	idleTimeout = 33 * time.Second
)

// Serve serves HTTPS on a listener, with HTTP/2 and HTTP/1.1, until ctx is done. It closes the listener and the server's channels, and
// waits until all goroutines have returned. Requests in progress get two seconds to finish. The Server cannot be used afterwards.
//
// The configuration must have a certificate.
func (s *Server) Serve(ctx context.Context, listener net.Listener, config *tls.Config) error {
	config = config.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	limited := newLimitListener(listener, s.options.MaxConnections)
	server := s.httpServer(config)

	served := make(chan error, 1)
	go func() { served <- server.ServeTLS(limited, "", "") }()
	select {
	case err := <-served:
		s.stop()
		return fmt.Errorf("serve the agents: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close() // aborts the requests in progress
	}
	s.stop()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the agents: %w", err)
	}
	return nil
}

// stop closes the channels and waits for the requests in progress. With HTTP/2, the HTTP server waits for connections, but not for
// handlers whose connection is lost.
func (s *Server) stop() {
	s.Close()
	s.serving.Lock()
	defer s.serving.Unlock()
	s.stopped = true
}

// httpServer returns a server with bounds for everything that a client can make large or slow.
func (s *Server) httpServer(config *tls.Config) *http.Server {
	handler := http.Handler(s)
	if s.options.Wrap != nil {
		handler = s.options.Wrap(handler)
	}
	return &http.Server{
		Handler:           handler,
		TLSConfig:         config,
		ReadHeaderTimeout: 10 * time.Second, // also of the TLS handshake
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 32, MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 64 << 10},
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
}
