package assist

import "context"

// Caller carries a call to the service and decodes its answer into response, which points to the action's response type.
// Its errors are *Error where the service refused, *AnswerError where what came is not the API's, *TransportError where no
// answer came, *CredentialsError where there was nothing to sign with, *GaveUpError where the context ended after a failure,
// and else the context's cause. MayHaveBeenDone says of each whether the call may have been carried out. The core library's
// caller, retry, pace and counting are all Callers around one another.
type Caller interface {
	Call(ctx context.Context, request Request, response any) error
}

// CallerFunc is a function that is a Caller.
type CallerFunc func(ctx context.Context, request Request, response any) error

// Call calls the function.
func (f CallerFunc) Call(ctx context.Context, request Request, response any) error {
	return f(ctx, request, response)
}
