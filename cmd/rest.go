package cmd

import (
	"context"
	"time"
)

// rest waits for some time, or until the context ends, whose cause is the error then.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
