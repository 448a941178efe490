package fleet

import "muster/pkg/assist"

// Cause is what a target's end is called: one list for tables, JSON, limits on failures, filters and exit codes.
type Cause string

// The causes. A target that is still under way has none.
const (
	CauseSuccess     Cause = "success"
	CauseExit        Cause = "exit"        // the script's exit code was not 0
	CauseTimeout     Cause = "timeout"     // it ran for too long
	CauseUndelivered Cause = "undelivered" // it never reached the instance
	CauseInvalid     Cause = "invalid"     // the instance cannot run it as it is
	CauseError       Cause = "error"       // an exception on the instance
	CauseCancelled   Cause = "cancelled"   // stopped before it started
	CauseTerminated  Cause = "terminated"  // stopped while it ran
	CauseRejected    Cause = "rejected"    // the API refused it
	CauseSkipped     Cause = "skipped"     // not eligible, and left out
	CauseUnsent      Cause = "unsent"      // the run ended before its turn
	CauseUnknown     Cause = "unknown"     // not settled when the wait ended
)

// Causes are all of them, in the order in which they are shown.
func Causes() []Cause {
	return []Cause{
		CauseSuccess, CauseExit, CauseTimeout, CauseUndelivered, CauseInvalid, CauseError, CauseCancelled, CauseTerminated,
		CauseRejected, CauseSkipped, CauseUnsent, CauseUnknown,
	}
}

// CauseOf names the end that an instance's state is; a state that is no end has none.
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

// failure tells the ends that count against a run. What was left out on purpose, never sent or given up is none.
func (c Cause) failure() bool {
	switch c {
	case "", CauseSuccess, CauseSkipped, CauseUnsent, CauseUnknown:
		return false
	}
	return true
}

// started tells the ends of a script that was started, so that there is an output.
func (c Cause) started() bool { return c.Ran() || c == CauseError }

// Ran tells the ends of a script that was started and ended, so that an exit code means something.
func (c Cause) Ran() bool {
	switch c {
	case CauseSuccess, CauseExit, CauseTimeout, CauseTerminated:
		return true
	}
	return false
}
