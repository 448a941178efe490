package agentstest

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	build578  = 578
	build631  = 631
	build857  = 857
	build1065 = 1065
)

// Agent is a fake agent on a host of its own. It is safe for concurrent use.
type Agent struct {
	o         Options
	key       *rsa.PrivateKey
	client    *http.Client
	websocket *http.Client
	idle      []func() // close idle connections

	scripts    context.Context // ends with Close: scripts survive the agent
	endScripts context.CancelFunc
	running    sync.WaitGroup

	mu          sync.Mutex
	registered  registration
	deleted     bool // the registration was given up
	life        *life
	files       map[string]bool // of scripts, on the disk of the host
	starts      map[string]int
	written     map[string]int
	violations  []string
	fingerprint string
}

type registration struct{ instanceID, machineID string }

// New returns an agent that is neither registered nor started. Call [Agent.Close] when it is no longer used.
func New(o Options) (*Agent, error) {
	o.Build = cmp.Or(o.Build, build578)
	o.OSType = cmp.Or(o.OSType, "linux")
	o.Hostname = cmp.Or(o.Hostname, "host")
	o.Second = cmp.Or(o.Second, time.Second)
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	a := &Agent{o: o, key: o.Key, files: map[string]bool{}, starts: map[string]int{}, written: map[string]int{}}
	if o.Build >= build631 {
		a.fingerprint = "fp-" + o.MachineId
	}
	if a.key == nil {
		var err error
		if a.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return nil, fmt.Errorf("make a key: %w", err)
		}
	}
	a.scripts, a.endScripts = context.WithCancel(context.Background())
	a.client, a.websocket = a.newClient(true), a.newClient(false)
	return a, nil
}

// Start starts the agent. After coldStart, the host was booted.
func (a *Agent) Start(coldStart bool) {
	l := &life{Agent: a, coldStart: coldStart, tasks: map[string]*task{}, schedules: map[string]*periodic{}, queue: make(chan *task, maxWaiting)}
	l.ctx, l.end = context.WithCancel(a.scripts)
	a.mu.Lock()
	before := a.life
	a.life = l
	a.mu.Unlock()
	if before != nil {
		before.end()
	}
	l.begin()
}

// Kill ends the agent without a report. Scripts that run go on, and nobody hears of them.
func (a *Agent) Kill() {
	a.mu.Lock()
	l := a.life
	a.life = nil
	a.mu.Unlock()
	if l != nil {
		l.end()
	}
	for _, closeIdle := range a.idle {
		closeIdle()
	}
}

// Close kills the agent and its scripts, and waits until its goroutines have returned.
func (a *Agent) Close() {
	a.Kill()
	a.endScripts()
	a.running.Wait()
	for _, closeIdle := range a.idle {
		closeIdle()
	}
}

// Drop cuts the connection of the channel. The agent opens another one after some seconds.
func (a *Agent) Drop() {
	a.mu.Lock()
	l := a.life
	a.mu.Unlock()
	if l != nil {
		l.drop()
	}
}

// InstanceID returns the id that the agent got from its registration, or "".
func (a *Agent) InstanceID() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.registered.instanceID
}

// Starts returns how often each task has started a script.
func (a *Agent) Starts() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.starts)
}

// Written returns how often each file was written.
func (a *Agent) Written() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.written)
}

// Violations returns what the server has sent that an agent must not be sent.
func (a *Agent) Violations() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.violations)
}

func (a *Agent) violation(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.violations = append(a.violations, fmt.Sprintf(format, args...))
}

// seconds returns n seconds of the agent.
func (a *Agent) seconds(n float64) time.Duration { return time.Duration(n * float64(a.o.Second)) }

// version returns the version of the agent.
func (a *Agent) version() string {
	if a.o.OSType == "windows" {
		return fmt.Sprint("2.1.3.", a.o.Build)
	}
	return fmt.Sprint("2.2.3.", a.o.Build)
}
