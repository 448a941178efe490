package assist

import "context"

type sendingKey struct{}

// While returns a context for calls that are sent, and sent again, only until another context ends. An answer that is on its
// way then is still heard, until ctx ends.
func While(ctx, sending context.Context) context.Context {
	return context.WithValue(ctx, sendingKey{}, sending)
}

// sendingOf returns the context that bounds when a call is sent: that of While, or ctx itself.
func sendingOf(ctx context.Context) context.Context {
	if sending, ok := ctx.Value(sendingKey{}).(context.Context); ok && ctx.Err() == nil {
		return sending
	}
	return ctx
}
