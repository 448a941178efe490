package fleet

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// handleStop waits for the control's Stop, then ends the sending and stops everything that was sent: first what is known, and
// then what calls in flight started. The returned function ends the wait, and returns when nothing is being stopped any more.
func (r *run) handleStop(ctx context.Context, endSending, untilSent func()) (end func()) {
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-r.engine.Control.stopping():
			endSending()
			asked := map[string]bool{}
			r.stopAll(ctx, asked)
			untilSent()
			_ = r.emit(Event{Event: Stopping}) // a broken journal is reported at the end
			r.stopAll(ctx, asked)
		case <-ended:
		}
	}()
	return func() { close(ended); <-done }
}

// stopAll stops what has not settled, unless the service has already been asked to. An invocation that cannot be stopped
// continues, and is waited for. Files cannot be stopped.
func (r *run) stopAll(ctx context.Context, asked map[string]bool) {
	var open []InvocationState
	r.withState(func(s *State) {
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

// stopOne stops an invocation on all instances, or on those that are watched.
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
