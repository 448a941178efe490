package fleet

import "muster/pkg/assist"

// Cause is the outcome of a target. Tables, JSON, failure limits, filters and exit codes all use this list.
type Cause string

// The causes. A target that has not finished has none.
const (
	CauseSuccess     Cause = "success"
	CauseExit        Cause = "exit"        // the script's exit code was not 0
	CauseTimeout     Cause = "timeout"     // it exceeded its timeout
	CauseUndelivered Cause = "undelivered" // it never reached the instance
	CauseInvalid     Cause = "invalid"     // the instance cannot run it
	CauseError       Cause = "error"       // an exception on the instance
	CauseCancelled   Cause = "cancelled"   // stopped before it started
	CauseTerminated  Cause = "terminated"  // stopped while it ran
	CauseRejected    Cause = "rejected"    // the API refused it
	CauseSkipped     Cause = "skipped"     // not eligible
	CauseUnsent      Cause = "unsent"      // the run ended before its turn
	CauseUnknown     Cause = "unknown"     // not settled when the wait ended
)

// Causes returns all causes, in the order in which they are shown.
func Causes() []Cause {
	return []Cause{
		CauseSuccess, CauseExit, CauseTimeout, CauseUndelivered, CauseInvalid, CauseError, CauseCancelled, CauseTerminated,
		CauseRejected, CauseSkipped, CauseUnsent, CauseUnknown,
	}
}

// CauseOf returns the cause of an instance's state, and an empty one if the state is not terminal.
func CauseOf(status assist.Status) Cause {
	switch status {
	case assist.StatusSuccess, assist.StatusFinished:
		return CauseSuccess
	case assist.StatusFailed, assist.StatusPartialFailed:
		return CauseExit
	case assist.StatusTimeout:
		return CauseTimeout
	case assist.StatusAborted:
		return CauseUndelivered
	case assist.StatusInvalid:
		return CauseInvalid
	case assist.StatusError:
		return CauseError
	case assist.StatusCancelled:
		return CauseCancelled
	case assist.StatusTerminated, assist.StatusStopped:
		return CauseTerminated
	}
	return ""
}

// failure reports whether the cause counts as a failure of the run. Targets that were skipped, never sent or given up do not.
func (c Cause) failure() bool {
	switch c {
	case "", CauseSuccess, CauseSkipped, CauseUnsent, CauseUnknown:
		return false
	}
	return true
}

// started reports whether the script was started, so that it has an output.
func (c Cause) started() bool { return c.Ran() || c == CauseError }

// Exited reports whether code is the exit code of a script. An agent reports that it stops a script before it kills it, with 0.
func (c Cause) Exited(code int64) bool { return c.Ran() && (c != CauseTerminated || code != 0) }

// Ran reports whether the script was started and ended.
func (c Cause) Ran() bool {
	switch c {
	case CauseSuccess, CauseExit, CauseTimeout, CauseTerminated:
		return true
	}
	return false
}
