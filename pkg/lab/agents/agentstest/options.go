// Package agentstest provides an agent for tests of servers of the agents' protocol. It behaves like the official agent does, as far as
// that is known, of several builds, with their weaknesses: it loses its channel for half an hour, reports that got lost are not sent
// again, and an agent that is killed forgets its tasks.
//
// It is written from what is known about the protocol, and shares no code with package agents, so that a mistake in one of them is found
// by the other.
package agentstest

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"
)

// Options are the settings of an [Agent].
type Options struct {
	Endpoint string      // host:port of the server
	TLS      *tls.Config // with the CA of the server

	ActivationId   string
	ActivationCode string
	RegionId       string
	InstanceName   string
	Hostname       string // "host" if empty
	MachineId      string
	Tags           map[string]string
	OSType         string          // linux if empty
	Build          int             // of the official agent, such as 631 or 857; 578 if 0
	Key            *rsa.PrivateKey // a new one if nil, which takes a while

	// Run runs scripts, such as [Shell] does. It returns the exit code.
	Run func(ctx context.Context, t Task, output io.Writer) (exitCode int)

	// Check returns the parameter because of which the agent refuses a task, or "". Nil refuses none.
	Check func(t Task) (param, value string)

	// WriteFile writes a file, as [Files] does. It returns an error number, from 1 to 4, or the parameter because of which the agent
	// refuses the file. Nil writes nothing, and reports that all is well.
	WriteFile func(f File) (errorNumber int, param, value string)

	// Shutdown is called after a script has ended with an exit code that demands it. Nil ignores such exit codes.
	Shutdown func(reboot bool)

	// Wrap wraps what sends the agent's requests, the WebSocket's handshake among them. Requests are signed below it, so that one that
	// is sent twice has two signatures, as if the agent had repeated it.
	Wrap func(http.RoundTripper) http.RoundTripper

	// Dial opens connections. Nil uses the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Second is how long a second of the agent takes, in its intervals and pauses, but not in timeouts of requests and tasks. Zero means a
	// second.
	Second time.Duration

	// Clock is what schedules follow. Nil follows the system's clock.
	Clock Clock

	// Skew is by how much the clock of the host is ahead, in signatures.
	Skew time.Duration
}

// Clock is a clock for schedules.
type Clock interface {
	Now() time.Time
	Alarm(at time.Time) (fires <-chan time.Time, stop func())
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now().Round(0) }

func (systemClock) Alarm(at time.Time) (<-chan time.Time, func()) {
	timer := time.NewTimer(time.Until(at))
	return timer.C, func() { timer.Stop() }
}

// Task is a task as an agent receives it.
type Task struct {
	ID          string
	Version     int
	Repeat      string // Once, Period, Rate or At
	Cron        string
	Created     time.Time
	Type        string
	Content     string
	Timeout     time.Duration // 0: none
	WorkingDir  string
	Username    string
	BuiltIns    map[string]string
	Parameters  bool // BuiltIns are to be replaced in Content
	Termination string
	Launcher    string
}

// File is a file as an agent receives it.
type File struct {
	ID        string
	Name      string
	TargetDir string
	Content   []byte
	Owner     string
	Group     string
	Mode      string
	Overwrite bool
}
