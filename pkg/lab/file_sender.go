package lab

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"muster/pkg/assist"
)

// fileSender sends files to instances: each is delivered, written, and settled in its store.
type fileSender struct {
	agents *agents // for their patience and directories
	faults *faults
	log    *slog.Logger

	mu     sync.Mutex
	closed bool
	stops  map[taskRef]context.CancelFunc
	work   sync.WaitGroup
}

func newFileSender(l *Lab) *fileSender {
	return &fileSender{agents: l.agents, faults: l.faults, log: l.log, stops: map[taskRef]context.CancelFunc{}}
}

// launch sends a file, which the store has already. After close it does nothing.
func (c *fileSender) launch(s *fileStore, sent *sentFile, hosts []*host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for i, h := range hosts {
		if h.enrolled != nil {
			h.enrolled.send(s, sent, taskRef{sent.InvokeId, i})
			continue
		}
		c.start(s, taskRef{sent.InvokeId, i}, sent, h)
	}
}

// resume sends a file to one instance after a restart of the lab.
func (c *fileSender) resume(s *fileStore, ref taskRef, sent *sentFile, h *host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start(s, ref, sent, h)
}

// start sends a file to one instance; c.mu is held.
func (c *fileSender) start(s *fileStore, ref taskRef, sent *sentFile, h *host) {
	ctx, stop := context.WithCancel(context.Background())
	injected := c.faults.forTask(targetFile, h.get().InstanceId)
	c.stops[ref] = stop
	c.work.Go(func() {
		defer c.forget(ref)
		c.settle(s, ref, c.deliver(ctx, s, ref, sent, h, injected))
	})
}

func (c *fileSender) forget(ref taskRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stops[ref]()
	delete(c.stops, ref)
}

// deliver delivers and writes a file. It returns nil on success.
func (c *fileSender) deliver(ctx context.Context, s *fileStore, ref taskRef, sent *sentFile, h *host, injected taskFaults) (f *failure) {
	defer func() {
		if panicked := recover(); panicked != nil {
			c.log.Error("a file's delivery panicked", "invocation", sent.InvokeId, "panic", fmt.Sprint(panicked))
			f = fileCreateFailed(fmt.Errorf("panic: %v", panicked))
		}
	}()
	c.faults.takeOfflineIfDue(h)
	// The official agent writes a file at once, however many tasks wait.
	if f := h.reach(ctx, min(c.agents.patience, sent.Timeout), func() *failure { return nil }); f != nil {
		return f
	}
	s.change(ref, func(t *task) { t.Status, t.Started = assist.StatusRunning, time.Now() })
	if err := s.storage.Flush(); err != nil {
		return fileCreateFailed(err)
	}
	if c.faults.occurs(injected.fail) {
		return injected.fail.failure
	}
	return sent.write(h.get(), c.agents.dirs.rootfs(h.get().InstanceId))
}

// settle records the end of a delivery. When a lab with a data directory closes, a file that has not arrived stays Pending for
// the next start.
func (c *fileSender) settle(s *fileStore, ref taskRef, f *failure) {
	waits := s.storage.Persistent() && c.isClosed()
	s.change(ref, func(t *task) {
		if waits && t.Status == assist.StatusPending {
			return
		}
		t.Status = assist.StatusSuccess
		if f != nil {
			f.put(t)
		}
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
	})
}

func (c *fileSender) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// close ends all deliveries that have not arrived and returns once nothing is being written.
func (c *fileSender) close() {
	c.mu.Lock()
	c.closed = true
	for _, stop := range c.stops {
		stop()
	}
	c.mu.Unlock()
	c.work.Wait()
}
