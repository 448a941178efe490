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

// shutdownTimeout is how long Close waits for calls in progress.
const shutdownTimeout = 2 * time.Second

const anyPort = "127.0.0.1:0"

// Server serves a lab over HTTP or, with Options.TLS, HTTPS.
type Server struct {
	endpoint     string
	files        tlsFiles
	http         *http.Server
	served       chan error
	stopWatching func() bool
	close        func() error
}

// Start serves a lab at an address of this machine until Close is called or ctx is done. The lab itself stays open.
//
// The address is host:port, where port 0 means any free port. If it is empty, a lab with a data directory listens on 127.0.0.1 at
// its last port, or at another one if that is in use. An address that other machines can reach is an error unless the lab's
// options allow it. With Options.TLS, the error is an [AuthorityError] if the authority in the data directory cannot be used.
func Start(ctx context.Context, l *Lab, addr string) (*Server, error) {
	listener, err := listen(ctx, l, addr)
	if err != nil {
		return nil, err
	}
	s := &Server{endpoint: advertisedAddress(ctx, listener), http: newHTTPServer(l, hostNamesOf(addr)), served: make(chan error, 1)}
	serve := func() error { return s.http.Serve(listener) }
	if l.tls {
		serve = func() error { return s.http.ServeTLS(listener, "", "") }
		required, optional := s.hosts(addr, l.allowHosts)
		s.http.TLSConfig, s.files, err = secure(cmp.Or(l.data, l.dir), required, optional)
	}
	if err == nil {
		err = l.saveEndpoint(s.endpoint)
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.close = sync.OnceValue(s.shutdown)
	go func() { s.served <- serve() }()
	s.stopWatching = context.AfterFunc(ctx, func() { _ = s.close() })
	return s, nil
}

// listen returns a listener for the address of Start.
func listen(ctx context.Context, l *Lab, addr string) (net.Listener, error) {
	requested := addr
	addr = cmp.Or(addr, l.identity.lastAddress(), anyPort)
	listener, err := listenAt(ctx, l, addr)
	if _, taken := errors.AsType[*net.OpError](err); taken && requested == "" && addr != anyPort { // the last port may be in use
		return listenAt(ctx, l, anyPort)
	}
	return listener, err
}

// listenAt returns a listener for an address that other machines cannot reach, unless the lab's options allow it.
func listenAt(ctx context.Context, l *Lab, addr string) (net.Listener, error) {
	if !l.remote && !(assist.Endpoint{Host: addr}).Loopback() {
		return nil, fmt.Errorf("listen on %s: only loopback addresses are allowed, because the lab runs the scripts that it receives", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve the lab: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !l.remote && (!ok || !tcp.IP.IsLoopback()) {
		return nil, errors.Join(fmt.Errorf("listen on %s: %s is not a loopback address", addr, listener.Addr()), listener.Close())
	}
	return listener, nil
}

// lastAddress returns the address where the lab listened last, or "". If other machines could reach that address, lastAddress
// returns 127.0.0.1 with its port: listening for other machines must be requested at every start.
func (id identity) lastAddress() string {
	last := id.Endpoint
	if last == "" || (assist.Endpoint{Host: last}).Loopback() {
		return last
	}
	_, port, err := net.SplitHostPort(last)
	if err != nil {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", port)
}

func newHTTPServer(l *Lab, names hostNames) *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.handle(w, r, names) }),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxBody + 64<<10,
		ErrorLog:          slog.NewLogLogger(l.log.Handler(), slog.LevelDebug),
	}
}

// Endpoint returns the address for clients, as host:port.
func (s *Server) Endpoint() string { return s.endpoint }

// Close stops the server and waits until it has stopped. Calls in progress get two seconds to finish.
func (s *Server) Close() error {
	s.stopWatching()
	return s.close()
}

func (s *Server) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // aborts the calls in progress
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the lab: %w", err)
	}
	return nil
}
