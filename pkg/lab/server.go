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
const shutdownTimeout = 2 * time.Second

const anyPort = "127.0.0.1:0"

// Server is a lab that listens.
type Server struct {
	endpoint     string
	http         *http.Server
	served       chan error
	stopWatching func() bool
	close        func() error
}

// Start serves a lab at an address of this machine: host:port, where port 0 means any that is free. An empty address is
// 127.0.0.1 with the last port of a lab with a data directory, if that is free, or any other. It is an error to name an
// address that other machines reach, unless the lab's options allow that. It serves until Close, or until ctx ends; the
// lab itself stays open.
func Start(ctx context.Context, l *Lab, addr string) (*Server, error) {
	listener, err := l.listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	endpoint := advertisedAddress(ctx, listener)
	if err := l.saveEndpoint(endpoint); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &Server{endpoint: endpoint, http: newHTTPServer(l, hostNamesOf(addr)), served: make(chan error, 1)}
	s.close = sync.OnceValue(s.shutdown)
	go func() { s.served <- s.http.Serve(listener) }()
	s.stopWatching = context.AfterFunc(ctx, func() { _ = s.close() })
	return s, nil
}

func (l *Lab) listen(ctx context.Context, addr string) (net.Listener, error) {
	addr, wanted := cmp.Or(addr, l.lastAddress(), anyPort), addr
	if !l.remote && !(assist.Endpoint{Host: addr}).Loopback() {
		return nil, fmt.Errorf("listen on %s: the lab runs what it is sent, so it listens on loopback addresses only, if it is not allowed more", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil && wanted == "" && addr != anyPort { // somebody else has the last one by now
		addr = anyPort
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("serve the lab: %w", err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !l.remote && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(fmt.Errorf("listen on %s: that is %s, which is no loopback address", addr, listener.Addr()), listener.Close())
	}
	return listener, nil
}

// lastAddress is where the lab listened last, on loopback: to be reached by other machines it has to be told so each time.
func (l *Lab) lastAddress() string {
	last := l.identity.Endpoint
	if last == "" || (assist.Endpoint{Host: last}).Loopback() {
		return last
	}
	_, port, err := net.SplitHostPort(last)
	if err != nil {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", port)
}

func newHTTPServer(l *Lab, own hostNames) *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.handle(w, r, own) }),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxBody + 64<<10,
		ErrorLog:          slog.NewLogLogger(l.log.Handler(), slog.LevelDebug),
	}
}

// Endpoint is where the server listens: host:port.
func (s *Server) Endpoint() string { return s.endpoint }

// Close ends the server, and returns when it has ended.
func (s *Server) Close() error {
	s.stopWatching()
	return s.close()
}

func (s *Server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // cuts off what is still under way
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the lab: %w", err)
	}
	return nil
}
