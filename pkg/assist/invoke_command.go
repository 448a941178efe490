package assist

import (
	"cmp"
	"net/http"
)

// InvokeCommandRequest runs a saved command on instances. It returns before anything is delivered. One instance that
// cannot take it makes the service refuse the whole call.
type InvokeCommandRequest struct {
	RegionId            string
	ResourceGroupId     string
	CommandId           string // a public command may be named instead
	RepeatMode          string // Once, Period, NextRebootOnly, EveryReboot, DryRun
	Timed               *bool  // obsolete; the oldest documents have it make the call periodic
	Frequency           string // rate(…), at(…) or cron; makes the call a periodic one
	Parameters          JSONMap
	Username            string
	WindowsPasswordName string
	InstanceId          []string
	InstanceIds         JSONList // the oldest name of InstanceId
	ResourceTag         []Tag    // targets by their tags; excludes InstanceId
	Tag                 []Tag
	ContainerId         string
	ContainerName       string
	Timeout             int64 // seconds, at least 10; the command's own when left out
	WorkingDir          string
	ClientToken         string
	TerminationMode     string
	Launcher            string
	OssOutputDelivery   string
}

// InvokeCommandResponse names what was made.
type InvokeCommandResponse struct {
	RequestId string
	InvokeId  string
}

// Action is the API's name for the call.
func (*InvokeCommandRequest) Action() string { return "InvokeCommand" }

// Repeatable holds with a ClientToken: the service answers a repeated one with its first answer.
func (r *InvokeCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Targets are the instances named by the request, under its new and its old name.
func (r *InvokeCommandRequest) Targets() []string {
	return append(r.InstanceId[:len(r.InstanceId):len(r.InstanceId)], r.InstanceIds...)
}

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *InvokeCommandRequest) Validate(limits Limits) error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("CommandId", r.CommandId)
	f.targets(r.Targets(), r.InstanceIds, r.ResourceTag, limits.InvokeInstances)
	f.execution(execution{
		WorkingDir: r.WorkingDir, Username: r.Username, WindowsPasswordName: r.WindowsPasswordName,
		ContainerId: r.ContainerId, ContainerName: r.ContainerName, RepeatMode: r.RepeatMode, Frequency: r.Frequency, Timed: r.timedByOldest(),
		Timeout: r.Timeout, Launcher: r.Launcher,
		TerminationMode: r.TerminationMode, OssOutputDelivery: r.OssOutputDelivery, ClientToken: r.ClientToken,
	})
	f.tags(r.Tag)
	f.parameterValues(r.Parameters, invokeWords())
	f.parameterCharset(r.Parameters)
	if r.Timeout != 0 && r.Timeout < 10 {
		f.add(http.StatusBadRequest, "InvalidParameter.Timeout", "The specified parameter Timeout is not valid: %d s is less than 10 s.", r.Timeout)
	}
	return f.orNil()
}

// timedByOldest tells a call in the way of the oldest documents, in which Timed makes it periodic. It is known by the old
// name of its targets; in any other call Timed has no effect.
func (r *InvokeCommandRequest) timedByOldest() bool {
	return r.InstanceIds != nil && r.RepeatMode == "" && r.Timed != nil && *r.Timed
}

// ValidateWith judges a request together with the saved command that it runs. The error is Faults.
func (r *InvokeCommandRequest) ValidateWith(saved *Command) error {
	var f Faults
	f.windowsPassword(saved.Type, r.Username, r.WindowsPasswordName, http.StatusForbidden)
	f.frequency(r.Frequency, cmp.Or(r.Timeout, saved.Timeout, DefaultTimeout))
	if !saved.EnableParameter {
		if len(r.Parameters) > 0 {
			f.add(http.StatusBadRequest, "Parameter.Disabled", "Parameters cannot be passed in when the command customization function is disabled.")
		}
		return f.orNil()
	}
	f.notMatched(ParameterNames(saved.CommandContent), r.Parameters, invokeWords())
	f.wholeSize(saved.CommandContent, r.Parameters, MaxContent, invokeWords())
	return f.orNil()
}
