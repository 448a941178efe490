package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"muster/pkg/assist"
)

// closePatience is how long calls that are under way may take when the server closes.
const closePatience = 2 * time.Second

const anyPort = "127.0.0.1:0"

// Server is a lab that listens.
type Server struct {
	endpoint string
	http     *http.Server
	served   chan error
	unwatch  func() bool
	close    func() error
}

// Start serves a lab at an address of this machine: host:port, where port 0 means any that is free. An empty address is
// the last one of a lab with a data directory, if it is free, and else 127.0.0.1:0. It serves until Close, or until ctx ends; the lab itself stays open.
func Start(ctx context.Context, l *Lab, addr string) (*Server, error) {
	addr, wanted := cmp.Or(addr, l.identity.Endpoint, anyPort), addr
	if !(assist.Endpoint{Host: addr}).Loopback() {
		return nil, fmt.Errorf("listen on %s: the lab runs what it is sent, so it listens on loopback addresses only", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil && wanted == "" && addr != anyPort { // somebody else has the last one by now
		addr = anyPort
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("serve the lab: %w", err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("listen on %s: that is %s, which is no loopback address", addr, listener.Addr()), listener.Close())
	}
	if err := l.listening(listener.Addr().String()); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &Server{
		endpoint: listener.Addr().String(),
		http: &http.Server{
			Handler:           l,
			ReadHeaderTimeout: 10 * time.Second,
			ReadTimeout:       30 * time.Second,
			WriteTimeout:      time.Minute,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    maxBody + 64<<10,
			ErrorLog:          slog.NewLogLogger(l.log.Handler(), slog.LevelDebug),
		},
		served: make(chan error, 1),
	}
	s.close = sync.OnceValue(s.shutdown)
	go func() { s.served <- s.http.Serve(listener) }()
	s.unwatch = context.AfterFunc(ctx, func() { _ = s.close() })
	return s, nil
}

// Endpoint is where the server listens: host:port.
func (s *Server) Endpoint() string { return s.endpoint }

// Close ends the server, and returns when it has ended.
func (s *Server) Close() error {
	s.unwatch()
	return s.close()
}

func (s *Server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // cuts off what is still under way
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the lab: %w", err)
	}
	return nil
}
