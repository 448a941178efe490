package assist

import (
	"slices"
	"strings"
)

// Status is the state of an invocation, or of one instance in it. The API has two generations of names, in varying
// letter case; these are the newer ones, and everything older is read into them. The zero Status is an unknown one.
type Status string

// The states. Pending to Stopping are under way, all others are ends. Finished is the older generation's word for an
// end whose outcome it does not tell.
const (
	StatusPending       Status = "Pending"   // being checked or sent
	StatusScheduled     Status = "Scheduled" // periodic, waiting for its time
	StatusRunning       Status = "Running"
	StatusStopping      Status = "Stopping"
	StatusSuccess       Status = "Success"       // exit code 0
	StatusFailed        Status = "Failed"        // instance: exit code other than 0; invocation: no instance succeeded
	StatusPartialFailed Status = "PartialFailed" // invocation: some succeeded, some failed
	StatusStopped       Status = "Stopped"       // invocation: stopped everywhere; in old answers an instance's, too
	StatusFinished      Status = "Finished"
	StatusInvalid       Status = "Invalid"    // a wrong type or parameter for this instance
	StatusAborted       Status = "Aborted"    // could not be delivered
	StatusError         Status = "Error"      // an exception while it ran
	StatusTimeout       Status = "Timeout"    // ended for running too long
	StatusCancelled     Status = "Cancelled"  // stopped before it started
	StatusTerminated    Status = "Terminated" // stopped while it ran
)

// Statuses returns all states but the unknown one.
func Statuses() []Status {
	return []Status{
		StatusPending, StatusScheduled, StatusRunning, StatusStopping, StatusSuccess, StatusFailed, StatusPartialFailed,
		StatusStopped, StatusFinished, StatusInvalid, StatusAborted, StatusError, StatusTimeout, StatusCancelled,
		StatusTerminated,
	}
}

// ParseStatus reads a state of either generation in any letter case. What is no state's name is the unknown state.
func ParseStatus(s string) Status {
	s = strings.TrimSpace(s)
	for _, status := range Statuses() {
		if strings.EqualFold(s, string(status)) {
			return status
		}
	}
	return ""
}

// InstanceStatus reads an instance's state from its newer and its older field: the newer one where it says anything.
// The older generation's Finished says nothing of the outcome; the exit code does.
func InstanceStatus(newer, older string, exitCode int64) Status {
	status := ParseStatus(newer)
	if status == "" {
		status = ParseStatus(older)
	}
	if status == StatusFinished {
		if exitCode != 0 {
			return StatusFailed
		}
		return StatusSuccess
	}
	return status
}

// Status is the instance's state.
func (i *InvokeInstance) Status() Status {
	return InstanceStatus(i.InvocationStatus, i.InstanceInvokeStatus, i.ExitCode)
}

// Status is the state of the run that gave the result.
func (r *InvocationResult) Status() Status {
	return InstanceStatus(r.InvocationStatus, r.InvokeRecordStatus, r.ExitCode)
}

// Status is the aggregate state: the newer field where it says anything, else the older one. An older Finished says
// nothing of the outcome, so the instances are added up.
func (i *Invocation) Status() Status {
	status := ParseStatus(i.InvocationStatus)
	if status == "" {
		status = ParseStatus(i.InvokeStatus)
	}
	if status != StatusFinished {
		return status
	}
	var instances []Status
	for _, instance := range i.InvokeInstances.InvokeInstance {
		instances = append(instances, instance.Status())
	}
	if sum := AddUp(instances...); sum.Terminal() {
		return sum
	}
	return StatusSuccess
}

// Periodic tells an invocation that runs more than once, or later: it stays Running until it is stopped.
func (i *Invocation) Periodic() bool {
	switch strings.ToLower(i.RepeatMode) {
	case "period", "everyreboot", "nextrebootonly":
		return true
	case "":
		return i.Timed
	}
	return false
}

// Terminal tells an end: nothing that comes later changes it.
func (s Status) Terminal() bool {
	switch s {
	case "", StatusPending, StatusScheduled, StatusRunning, StatusStopping:
		return false
	}
	return true
}

// AddUp makes one state of many, of instances to their invocation's or of invocations to one status for all. While any
// is under way, so is the sum: any Running makes it Running. When all have ended, Invalid, Aborted, Error and Timeout
// count as Failed, Cancelled and Terminated as Stopped: nothing failed and something succeeded is Success, something
// failed and nothing succeeded is Failed, both is PartialFailed, and neither is Stopped. An unknown state keeps the sum
// unknown unless something is known to be under way; nothing adds up to the unknown state.
func AddUp(all ...Status) Status {
	for _, underway := range []Status{StatusRunning, StatusStopping, StatusPending, StatusScheduled} {
		if slices.Contains(all, underway) {
			return underway
		}
	}
	var succeeded, failed, stopped bool
	for _, status := range all {
		switch status {
		case "":
			return ""
		case StatusSuccess, StatusFinished:
			succeeded = true
		case StatusPartialFailed:
			succeeded, failed = true, true
		case StatusStopped, StatusCancelled, StatusTerminated:
			stopped = true
		default:
			failed = true
		}
	}
	switch {
	case succeeded && failed:
		return StatusPartialFailed
	case failed:
		return StatusFailed
	case succeeded:
		return StatusSuccess
	case stopped:
		return StatusStopped
	}
	return ""
}

// OlderInstance is the older generation's word for an instance's state, in which every script that ran to its end is
// Finished, whatever its exit code.
func (s Status) OlderInstance() string {
	switch s {
	case StatusSuccess, StatusFailed, StatusFinished:
		return "Finished"
	case StatusCancelled, StatusTerminated, StatusStopped:
		return "Stopped"
	case StatusInvalid, StatusAborted, StatusError, StatusTimeout, StatusPartialFailed:
		return "Failed"
	}
	return "Running"
}

// OlderRecord is the older generation's word for the state of an instance's result, which has one more: Stopping.
func (s Status) OlderRecord() string {
	if s == StatusStopping {
		return "Stopping"
	}
	return s.OlderInstance()
}

// OlderInvocation is the older generation's word for the sum of instances' states.
func OlderInvocation(instances ...Status) string {
	var older []Status
	for _, status := range instances {
		older = append(older, ParseStatus(status.OlderRecord()))
	}
	if sum := AddUp(older...); sum != StatusSuccess {
		return string(sum)
	}
	return "Finished"
}
