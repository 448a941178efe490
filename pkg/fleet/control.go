package fleet

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// errStopping is why sending ends when a run is stopped.
var errStopping = errors.New("the run is being stopped")

// Control steers an engine while it works. It is safe for concurrent use, and for one run.
type Control struct {
	// Asked reports whether somebody outside has asked for a stop. It is consulted before each call that sends something, so that
	// nothing is sent because of what the same stop has ended. It may be nil, and is set before the run begins.
	Asked func() bool

	once    sync.Once
	stopped chan struct{}
	run     atomic.Pointer[run]

	mu   sync.Mutex
	held chan struct{} // closed on release; nil while nothing is held
}

// NewControl gives a control that lets everything go.
func NewControl() *Control { return &Control{stopped: make(chan struct{})} }

// Hold has nothing more sent until Release. Calls on their way are not held back.
func (c *Control) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = make(chan struct{})
	}
}

// Release ends a Hold.
func (c *Control) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		close(c.held)
		c.held = nil
	}
}

// Stop has nothing more sent and everything stopped that was. The run goes on until that has come to its end.
func (c *Control) Stop() { c.once.Do(func() { close(c.stopped) }) }

// Look reads the state of the run. It is false, and nothing is read, before there is one and while something moves it: who
// draws a state never waits for it, since who moves it may wait for the terminal.
func (c *Control) Look(read func(*State)) bool {
	r := c.run.Load()
	if r == nil || !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	read(r.state)
	return true
}

// wait returns when nothing is held. It is an error when nothing more is to be sent.
func (c *Control) wait(ctx context.Context) error {
	if c == nil {
		return context.Cause(ctx)
	}
	if c.Asked != nil && c.Asked() {
		c.Stop()
	}
	for {
		c.mu.Lock()
		held := c.held
		c.mu.Unlock()
		select {
		case <-c.stopped:
			return errStopping
		default:
		}
		if held == nil || ctx.Err() != nil {
			return context.Cause(ctx)
		}
		select {
		case <-held:
		case <-c.stopped:
		case <-ctx.Done():
		}
	}
}

// stopping is closed by Stop.
func (c *Control) stopping() <-chan struct{} {
	if c == nil {
		return nil
	}
	return c.stopped
}

// lets is wait, for who asks no reason.
func (c *Control) lets(ctx context.Context) bool { return c.wait(ctx) == nil }
