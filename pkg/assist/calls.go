package assist

import (
	"context"
	"maps"
	"sync"
)

// Calls counts calls by action, every try of each. It is safe for concurrent use.
type Calls struct {
	mu     sync.Mutex
	counts map[string]int
}

// Count counts what goes through to next.
func (c *Calls) Count(next Caller) Caller {
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		c.mu.Lock()
		if c.counts == nil {
			c.counts = map[string]int{}
		}
		c.counts[request.Action()]++
		c.mu.Unlock()
		return next.Call(ctx, request, response)
	})
}

// Counts are the calls so far, by action.
func (c *Calls) Counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}
