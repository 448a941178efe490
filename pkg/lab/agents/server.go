package agents

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Options are the settings of a [Server].
type Options struct {
	// Log receives what goes wrong. Nil means nowhere.
	Log *slog.Logger

	// OnRequest is called after each request, in the goroutine that served it. Nil means not at all.
	OnRequest func(LoggedRequest)

	// Wrap wraps the handler of all requests, for example to inject faults. Nil means not at all.
	Wrap func(http.Handler) http.Handler

	// HeartbeatInterval is the time between two heartbeats of a host. The official agent accepts 55 to 65 seconds. Zero means a random
	// time in this range.
	HeartbeatInterval time.Duration

	// ProbeInterval is how long a channel may be silent before the server checks that its host still answers. Zero means 90 seconds:
	// the official agent sends a ping every 60.
	ProbeInterval time.Duration

	// AnswerTimeout is how long a host may take to answer a notification before its channel counts as dead. Zero means 15 seconds.
	AnswerTimeout time.Duration

	// MaxConnections is the number of connections that [Server.Serve] keeps open at the same time. Zero means 10,000.
	MaxConnections int

	// OlderBuild reports whether an agent is older than a build of the official agent, such as 631. Nil means that none is.
	OlderBuild func(osType, version string, build int) bool
}

// LoggedRequest is a request of a host, and how it was answered.
type LoggedRequest struct {
	Began      time.Time
	Duration   time.Duration
	Remote     netip.Addr
	Method     string
	Path       string
	InstanceId string // as proved; for a refused request, as claimed
	Proved     bool   // the identity was proved
	TaskId     string // of a report or task list about one task
	Agent      string // version of the agent
	Status     int    // of HTTP
	ErrMsg     string // why the request was refused, or empty
}

// Server serves the agents' protocol over HTTP. It is an [http.Handler].
type Server struct {
	lab       Lab
	options   Options
	endpoints map[string]endpoint
	nonces    *nonces
	channels  *channels
	begun     *beginnings

	serving sync.RWMutex // held for reading while a request is served
	stopped bool         // Serve has returned
}

// New returns a Server for a lab. Call [Server.Close] when it is no longer used.
func New(lab Lab, o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ProbeInterval <= 0 {
		o.ProbeInterval = 90 * time.Second
	}
	if o.AnswerTimeout <= 0 {
		o.AnswerTimeout = 15 * time.Second
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = 10_000
	}
	if o.OlderBuild == nil {
		o.OlderBuild = func(string, string, int) bool { return false }
	}
	s := &Server{lab: lab, options: o, nonces: newNonces(time.Now), channels: newChannels(lab, o), begun: newBeginnings()}
	s.endpoints = s.routes()
	return s
}

// Close closes all channels and waits until the goroutines of the server have returned. Requests in progress are not waited for; see
// [Server.Serve].
func (s *Server) Close() { s.channels.close() }

// Kick notifies a host, now or as soon as it has a channel. It never blocks. Notifications that have not been sent yet are merged.
//
// Every new channel begins with a notification to fetch the tasks, so that those lost with the channel before need no repetition.
func (s *Server) Kick(instanceID string, k Kick) { s.channels.kick(instanceID, k) }

// Disconnect closes the channel of a host, if it has one.
func (s *Server) Disconnect(instanceID string) { s.channels.disconnect(instanceID) }

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

var _ http.Handler = (*Server)(nil)
