package assist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// GaveUpError reports a call whose context ended before it succeeded, after a failed attempt or during a wait that the service requested.
type GaveUpError struct {
	Action string
	Cause  error // the context's cause
	Last   error // the error of the last attempt, or the reason for the wait
	Tries  int   // how often the call was sent; 0 if it was only waiting

	inDoubt bool
}

func (e *GaveUpError) Error() string {
	last := strings.TrimPrefix(e.Last.Error(), e.Action+": ")
	switch e.Tries {
	case 0:
		return fmt.Sprintf("%v; %s was waiting: %s", e.Cause, e.Action, last)
	case 1:
		return fmt.Sprintf("%v; the first attempt of %s: %s", e.Cause, e.Action, last)
	}
	return fmt.Sprintf("%v; the last of %d attempts of %s: %s", e.Cause, e.Tries, e.Action, last)
}

// Unwrap returns the cause and the error of the last attempt, which is never a permanent refusal. For a call that was cancelled, it only
// returns the cause, because the user needs no advice about the failure.
func (e *GaveUpError) Unwrap() []error {
	if errors.Is(e.Cause, context.Canceled) {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Last}
}

// InDoubt reports whether the service may have carried out any attempt of a call that failed with err. Attempts that were refused or
// throttled, or could not be sent, were not carried out. Attempts without a response, with a response that is not the API's, or during
// which the service failed, may have been, and so may attempts with any other error.
func InDoubt(err error) bool {
	if gaveUp, ok := errors.AsType[*GaveUpError](err); ok {
		return gaveUp.inDoubt
	}
	switch {
	case isA[*triedError](err):
		return true
	case isA[*unsentError](err), isA[*heldError](err), isA[*CredentialsError](err), isA[ValidationErrors](err):
		return false
	case isA[*cutOffError](err):
		return true
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.inDoubt()
	}
	return !isA[*TransportError](err) || !Unreachable(err)
}

// inDoubt reports whether the call may have been carried out in spite of the refusal.
func (e *Error) inDoubt() bool {
	inside := strings.HasPrefix(e.Code, "InternalError") || strings.HasPrefix(e.Code, "ServiceUnavailable")
	return !e.Throttled() && (e.Temporary() || inside && e.HTTPStatus == http.StatusOK)
}

// triedError is the last error of a call that an earlier attempt may have carried out.
type triedError struct{ error }

func (e *triedError) Unwrap() error { return e.error }

// unsentError is the reason why an attempt was not sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// cutOffError is the context's cause that ended an attempt after it was sent.
type cutOffError struct{ error }

func (e *cutOffError) Unwrap() error { return e.error }

// heldError is the refusal of another call of the action. It is the error of a call that is not sent, because it would have to wait
// longer than the rest of RetryPolicy.Elapsed.
type heldError struct{ error }

func (e *heldError) Unwrap() error { return e.error }
