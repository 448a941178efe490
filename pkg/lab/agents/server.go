package agents

import (
	"log/slog"
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

var _ http.Handler = (*Server)(nil)
