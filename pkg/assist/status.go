package assist

import (
	"slices"
	"strings"
)

// Status is the state of an invocation or of one of its instances. The API has two generations of names, in varying letter case. These
// are the newer ones; [ParseStatus] converts older ones. The zero Status is unknown.
type Status string

// The states. Pending to Stopping are not terminal, all others are. Finished is a state of the older generation, without an outcome.
const (
	StatusPending       Status = "Pending"   // being checked or sent
	StatusScheduled     Status = "Scheduled" // periodic, waiting for its time
	StatusRunning       Status = "Running"
	StatusStopping      Status = "Stopping"
	StatusSuccess       Status = "Success"       // exit code 0
	StatusFailed        Status = "Failed"        // instance: exit code other than 0; invocation: no instance succeeded
	StatusPartialFailed Status = "PartialFailed" // invocation: some succeeded, some failed
	StatusStopped       Status = "Stopped"       // invocation: stopped on all instances; in old responses also of an instance
	StatusFinished      Status = "Finished"
	StatusInvalid       Status = "Invalid"    // a wrong type or parameter for this instance
	StatusAborted       Status = "Aborted"    // could not be delivered
	StatusError         Status = "Error"      // an exception during the run
	StatusTimeout       Status = "Timeout"    // killed because it ran too long
	StatusCancelled     Status = "Cancelled"  // stopped before it started
	StatusTerminated    Status = "Terminated" // stopped during the run
)

// Statuses returns all states except the unknown one.
func Statuses() []Status {
	return []Status{
		StatusPending, StatusScheduled, StatusRunning, StatusStopping, StatusSuccess, StatusFailed, StatusPartialFailed,
		StatusStopped, StatusFinished, StatusInvalid, StatusAborted, StatusError, StatusTimeout, StatusCancelled,
		StatusTerminated,
	}
}

// ParseStatus parses a state of either generation in any letter case. Any other text is the unknown state.
func ParseStatus(s string) Status {
	s = strings.TrimSpace(s)
	for _, status := range Statuses() {
		if strings.EqualFold(s, string(status)) {
			return status
		}
	}
	return ""
}

// InstanceStatus returns an instance's state from its newer field or, if that is empty or unknown, from its older field. The outcome of
// the older Finished depends on the exit code.
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

// Status returns the instance's state.
func (i *InvokeInstance) Status() Status {
	return InstanceStatus(i.InvocationStatus, i.InstanceInvokeStatus, i.ExitCode)
}

// Status returns the state of the run.
func (r *InvocationResult) Status() Status {
	return InstanceStatus(r.InvocationStatus, r.InvokeRecordStatus, r.ExitCode)
}

// Status returns the invocation's state from its newer field or, if that is empty or unknown, from its older field. The outcome of the
// older Finished is the aggregate of its instances.
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
	if sum := Aggregate(instances...); sum.Terminal() {
		return sum
	}
	return StatusSuccess
}

// Periodic reports whether the invocation runs several times or later. Such an invocation is Running until it is stopped.
func (i *Invocation) Periodic() bool {
	switch strings.ToLower(i.RepeatMode) {
	case "period", "everyreboot", "nextrebootonly":
		return true
	case "":
		return i.Timed
	}
	return false
}

// Terminal reports whether the state is final.
func (s Status) Terminal() bool {
	switch s {
	case "", StatusPending, StatusScheduled, StatusRunning, StatusStopping:
		return false
	}
	return true
}

// Aggregate returns the common state of instances or invocations. While any of them is not terminal, neither is the result: if any is
// Running, it is Running. When all are terminal, Invalid, Aborted, Error and Timeout count as Failed, and Cancelled and Terminated as
// Stopped. The result is then Success if some succeeded and none failed, Failed if some failed and none succeeded, PartialFailed if
// both, and Stopped if neither. With an unknown state the result is unknown, unless another state is not terminal. The aggregate of no
// states is unknown.
func Aggregate(all ...Status) Status {
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

// OlderInstance returns the older generation's name of an instance's state. There, every script that exited is Finished, with any exit
// code.
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

// OlderRecord returns the older generation's name of the state of an instance's result, which can also be Stopping.
func (s Status) OlderRecord() string {
	if s == StatusStopping {
		return "Stopping"
	}
	return s.OlderInstance()
}

// OlderInvocation returns the older generation's name of the aggregate of instances' states.
func OlderInvocation(instances ...Status) string {
	var older []Status
	for _, status := range instances {
		older = append(older, ParseStatus(status.OlderRecord()))
	}
	if sum := Aggregate(older...); sum != StatusSuccess {
		return string(sum)
	}
	return "Finished"
}
