package fleet

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// attendStop waits for the control's Stop, then has the sending ended and everything stopped that was sent: what is known
// at once, and what calls on their way still start when they have been answered. The function that it gives ends the wait,
// and returns when nothing is being stopped any more.
func (r *run) attendStop(ctx context.Context, endSending, untilSent func()) (end func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-r.engine.Control.stopping():
			endSending()
			asked := map[string]bool{}
			r.stopAll(ctx, asked)
			untilSent()
			_ = r.emit(Event{Event: Stopping}) // what is broken is told in the end
			r.stopAll(ctx, asked)
		case <-ended:
		}
	}()
	return func() { close(ended); <-done }
}

// stopAll stops what has not settled, unless the service has been asked to already. One that cannot be stopped goes on,
// and is waited for. Files cannot be stopped.
func (r *run) stopAll(ctx context.Context, asked map[string]bool) {
	var open []InvocationState
	r.look(func(s *State) {
		for _, invocation := range s.Invocations {
			if !invocation.InvocationStatus.Terminal() && !s.sendsFiles() && !asked[invocation.InvokeId] {
				open = append(open, invocation)
			}
		}
	})
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(max(r.engine.Concurrency, 1))
	for _, invocation := range open {
		group.Go(func() error {
			if r.stopOne(ctx, invocation) == nil {
				mu.Lock()
				defer mu.Unlock()
				asked[invocation.InvokeId] = true
			}
			return nil
		})
	}
	_ = group.Wait()
}

// stopOne stops an invocation everywhere, or on the instances that are watched.
func (r *run) stopOne(ctx context.Context, invocation InvocationState) error {
	chunks := [][]string{nil}
	if invocation.partial {
		chunks = slices.Collect(slices.Chunk(invocation.InstanceIds, assist.MaxStopped))
	}
	for _, ids := range chunks {
		request := &assist.StopInvocationRequest{RegionId: invocation.Site.RegionId, InvokeId: invocation.InvokeId, InstanceId: ids}
		if _, err := r.engine.APIs[invocation.Site].StopInvocation(ctx, request); err != nil {
			return err
		}
	}
	return nil
}
