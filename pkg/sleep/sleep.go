// Package sleep waits for a time.Duration in a way that a context can cut short.
package sleep

import (
	"context"
	"time"
)

// For waits for d. It returns the cause of the context's end as soon as the context ends, and nil otherwise.
// A d that is not positive does not wait.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
