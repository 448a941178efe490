package fleet

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// errStopping is the cause of the sending context when a run is stopped.
var errStopping = errors.New("the run is being stopped")

// Control steers an engine during a run. It is safe for concurrent use. A Control is for one run.
type Control struct {
	// Asked reports whether another process has requested a stop. It is called before each call that sends something, so that
	// targets that the same stop has ended do not make room for others. It may be nil, and is set before the run begins.
	Asked func() bool

	once    sync.Once
	stopped chan struct{}
	run     atomic.Pointer[run]

	mu   sync.Mutex
	held chan struct{} // closed by Release; nil if not held
}

// NewControl returns a Control that holds nothing.
func NewControl() *Control { return &Control{stopped: make(chan struct{})} }

// Hold stops sending until Release. It does not affect calls in flight.
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

// Stop ends the sending and stops everything that was sent. The run continues until that has ended.
func (c *Control) Stop() { c.once.Do(func() { close(c.stopped) }) }

// Look calls read with the state of the run. It returns false without calling it if there is no run yet or if the state is
// locked: a reader that draws the state must not wait for it, because a writer of the state may wait for the terminal.
func (c *Control) Look(read func(*State)) bool {
	r := c.run.Load()
	if r == nil || !r.mu.TryLock() {
		return false
	}
	defer r.mu.Unlock()
	read(r.state)
	return true
}

// wait blocks while the control is held. It returns an error if nothing more may be sent.
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

// stopping returns a channel that Stop closes.
func (c *Control) stopping() <-chan struct{} {
	if c == nil {
		return nil
	}
	return c.stopped
}

// allows reports whether sending may continue. It blocks like wait.
func (c *Control) allows(ctx context.Context) bool { return c.wait(ctx) == nil }
