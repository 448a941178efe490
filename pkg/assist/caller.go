package assist

import (
	"context"
	"maps"
	"sync"
)

// Caller makes a call and decodes the response into response, a pointer to the action's response type. An error is an [*Error] if the
// service refused the call, an [*AnswerError] if the response is not the API's, a [*TransportError] if there was no response, a
// [*CredentialsError] if the call could not be signed, a [*GaveUpError] if the context ended after a failure, or otherwise the
// context's cause. [InDoubt] reports whether a call that failed may have been carried out. The official core library, retries, rate
// limits and counting are Callers that wrap one another.
type Caller interface {
	Call(ctx context.Context, request Request, response any) error
}

// CallerFunc is a function that implements [Caller].
type CallerFunc func(ctx context.Context, request Request, response any) error

// Call calls the function.
func (f CallerFunc) Call(ctx context.Context, request Request, response any) error {
	return f(ctx, request, response)
}

// Calls counts calls by action, including each retry. It is safe for concurrent use.
type Calls struct {
	mu     sync.Mutex
	counts map[string]int
}

// Count returns a Caller that counts the calls to next.
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

// Counts returns the number of calls so far, by action.
func (c *Calls) Counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}
