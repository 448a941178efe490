package fleet

import (
	"context"
	"time"

	"muster/pkg/sleep"
)

// shutdownGrace is how long an interrupted run waits for the answers of calls in flight, and then for the outputs of what has
// already ended.
const shutdownGrace = 3 * time.Second

// withGrace returns a context that ends some time after its parent, or as soon as now is closed after that.
func withGrace(parent context.Context, grace time.Duration, now <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	forget := context.AfterFunc(parent, func() {
		defer cancel()
		defer hurry(now, cancel)()
		_ = sleep.For(ctx, grace)
	})
	return ctx, func() { forget(); cancel() }
}

// hurry calls cancel when the channel is closed, until the returned function is called.
func hurry(now <-chan struct{}, cancel func()) (end func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-now:
			cancel()
		case <-done:
		}
	}()
	return func() { close(done) }
}
