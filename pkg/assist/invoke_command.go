package assist

import (
	"cmp"
	"net/http"
)

// InvokeCommandRequest runs a saved command on instances. It returns before the command is delivered. If one instance cannot run the
// command, the service refuses the whole call.
type InvokeCommandRequest struct {
	RegionId            string
	ResourceGroupId     string
	CommandId           string // or the name of a public command
	RepeatMode          string // Once, Period, NextRebootOnly, EveryReboot, DryRun
	Timed               *bool  // obsolete; in the oldest documentation it makes the call periodic
	Frequency           string // rate(…), at(…) or cron; makes the call periodic
	Parameters          JSONMap
	Username            string
	WindowsPasswordName string
	InstanceId          []string
	InstanceIds         JSONList // the oldest name of InstanceId
	ResourceTag         []Tag    // selects targets by tags; excludes InstanceId
	Tag                 []Tag
	ContainerId         string
	ContainerName       string
	Timeout             int64 // seconds, at least 10; the command's timeout if zero
	WorkingDir          string
	ClientToken         string
	TerminationMode     string
	Launcher            string
	OssOutputDelivery   string
}

// InvokeCommandResponse contains the ids of what was created.
type InvokeCommandResponse struct {
	RequestId string
	InvokeId  string
}

// Action returns the API's name of the action.
func (*InvokeCommandRequest) Action() string { return "InvokeCommand" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *InvokeCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Targets returns the instances of the request, which it may name in InstanceId and InstanceIds.
func (r *InvokeCommandRequest) Targets() []string {
	return append(r.InstanceId[:len(r.InstanceId):len(r.InstanceId)], r.InstanceIds...)
}

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *InvokeCommandRequest) Validate(limits Limits) error {
	var f ValidationErrors
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

// timedByOldest reports whether the call has the form of the oldest documentation and Timed makes it periodic. Such a call uses the
// old name of its targets. In any other call Timed has no effect.
func (r *InvokeCommandRequest) timedByOldest() bool {
	return r.InstanceIds != nil && r.RepeatMode == "" && r.Timed != nil && *r.Timed
}

// ValidateWith checks a request together with the saved command that it runs. An error is a [ValidationErrors].
func (r *InvokeCommandRequest) ValidateWith(saved *Command) error {
	var f ValidationErrors
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
