package assist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// GaveUpError is a call whose context ended before it succeeded, after a try had failed or while the service's own word held
// it back.
type GaveUpError struct {
	Action string
	Cause  error // of the context's end
	Last   error // what the last try failed with, or what held the call back
	Tries  int   // how often it was sent; 0 when it was held back

	doubt bool
}

func (e *GaveUpError) Error() string {
	last := strings.TrimPrefix(e.Last.Error(), e.Action+": ")
	switch e.Tries {
	case 0:
		return fmt.Sprintf("%v; %s was held back: %s", e.Cause, e.Action, last)
	case 1:
		return fmt.Sprintf("%v; the first try of %s: %s", e.Cause, e.Action, last)
	}
	return fmt.Sprintf("%v; the last of %d tries of %s: %s", e.Cause, e.Tries, e.Action, last)
}

// Unwrap returns the cause, and what the last try failed with, which is never a refusal for good. Of a call that was
// cancelled it is the cause alone: whoever cancels a call asks for no advice on its failure.
func (e *GaveUpError) Unwrap() []error {
	if errors.Is(e.Cause, context.Canceled) {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Last}
}

// MayHaveBeenDone reports whether the service may have carried out the call that ended with err: whether any of its tries may
// have been. One that was refused or throttled, or could not be sent, was not; one that brought no answer, or an answer of
// neither kind, or a failure inside the service, may have been. So may one that ended for a reason that is not known here.
func MayHaveBeenDone(err error) bool {
	if gaveUp, ok := errors.AsType[*GaveUpError](err); ok {
		return gaveUp.doubt
	}
	switch {
	case isA[*triedError](err):
		return true
	case isA[*unsentError](err), isA[*heldError](err), isA[*CredentialsError](err), isA[Faults](err):
		return false
	case isA[*cutOffError](err):
		return true
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.inDoubt()
	}
	return !isA[*TransportError](err) || !Unreachable(err)
}

// inDoubt reports a refusal after which the call may have been carried out.
func (e *Error) inDoubt() bool {
	inside := strings.HasPrefix(e.Code, "InternalError") || strings.HasPrefix(e.Code, "ServiceUnavailable")
	return !e.Throttled() && (e.Temporary() || inside && e.HTTPStatus == http.StatusOK)
}

// triedError is the last failure of a call of which a try before may have been carried out, while the last one was not.
type triedError struct{ error }

func (e *triedError) Unwrap() error { return e.error }

// unsentError is why a try was not sent.
type unsentError struct{ error }

func (e *unsentError) Unwrap() error { return e.error }

// cutOffError is the cause for which a try ended while it was on its way.
type cutOffError struct{ error }

func (e *cutOffError) Unwrap() error { return e.error }

// heldError is what another call of the action was refused with, for a call that is not sent because it would have to wait
// longer than it is patient.
type heldError struct{ error }

func (e *heldError) Unwrap() error { return e.error }
