package lab

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"muster/pkg/assist"
)

// couriers bring files to instances: each is delivered, written, and settled in its store.
type fileSender struct {
	agents *agents // whose patience and directories count for files, too
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

// launch sends a file on its way; the store knows it already. After close it does nothing.
func (c *fileSender) launch(s *fileStore, sent *sentFile, hosts []*host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	for i, h := range hosts {
		c.start(s, taskRef{sent.InvokeId, i}, sent, h)
	}
}

// carry sends a file on its way to one instance.
func (c *fileSender) carry(s *fileStore, ref taskRef, sent *sentFile, h *host) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.start(s, ref, sent, h)
}

// start is for those who hold c.mu.
func (c *fileSender) start(s *fileStore, ref taskRef, sent *sentFile, h *host) {
	ctx, stop := context.WithCancel(context.Background())
	fate := c.faults.fateOf(faultOfFile, h.get().InstanceId)
	c.stops[ref] = stop
	c.work.Go(func() {
		defer c.forget(ref)
		c.settle(s, ref, c.bring(ctx, s, ref, sent, h, fate))
	})
}

func (c *fileSender) forget(ref taskRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stops[ref]()
	delete(c.stops, ref)
}

// bring delivers and writes a file; nil is success.
func (c *fileSender) bring(ctx context.Context, s *fileStore, ref taskRef, sent *sentFile, h *host, fate fate) (f *failure) {
	defer func() {
		if panicked := recover(); panicked != nil {
			c.log.Error("a file's delivery panicked", "invocation", sent.InvokeId, "panic", fmt.Sprint(panicked))
			f = fileCreateFail(fmt.Errorf("panic: %v", panicked))
		}
	}()
	c.faults.depart(h)
	// The official agent writes a file at once, however many tasks wait.
	if f := h.reach(ctx, min(c.agents.patience, sent.Timeout), func() *failure { return nil }); f != nil {
		return f
	}
	s.change(ref, func(t *task) { t.Status, t.Started = assist.StatusRunning, time.Now() })
	if err := s.keep.Flush(); err != nil {
		return fileCreateFail(err)
	}
	if c.faults.happens(fate.end) {
		return fate.end.end
	}
	return sent.write(h.get(), c.agents.rootfs(h.get().InstanceId))
}

// settle ends a delivery. When a lab that lasts is closed, what has not arrived waits for the next one.
func (c *fileSender) settle(s *fileStore, ref taskRef, f *failure) {
	waits := s.keep.Lasts() && c.isClosed()
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

// close ends all deliveries that have not arrived, and returns when nothing is written any more.
func (c *fileSender) close() {
	c.mu.Lock()
	c.closed = true
	for _, stop := range c.stops {
		stop()
	}
	c.mu.Unlock()
	c.work.Wait()
}
