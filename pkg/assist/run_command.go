package assist

import (
	"cmp"
	"net/http"
)

// RunCommandRequest creates a command and runs it on instances. It returns before the command is delivered. If one instance cannot run
// the command, the service refuses the whole call.
type RunCommandRequest struct {
	RegionId            string
	ResourceGroupId     string
	Name                string // at most 128 characters
	Description         string // at most 512 characters
	Type                string // RunShellScript, RunBatScript, RunPowerShellScript
	CommandContent      string // at most 24 KB in Base64, 18 KB with KeepCommand
	ContentEncoding     string // PlainText (the default) or Base64, in any letter case
	WorkingDir          string // at most 200 characters
	Timeout             int64  // seconds; 60 if zero
	EnableParameter     bool
	Parameters          JSONMap // at most 10; a key has 1 to 64 characters
	KeepCommand         bool
	RepeatMode          string // Once, Period, NextRebootOnly, EveryReboot, DryRun
	Frequency           string // rate(…), at(…) or cron; makes the call periodic
	Timed               *bool  // obsolete, no effect
	Username            string // at most 255 characters
	WindowsPasswordName string // at most 255 characters
	InstanceId          []string
	InstanceIds         JSONList // the oldest name of InstanceId
	ResourceTag         []Tag    // selects targets by tags; excludes InstanceId
	Tag                 []Tag    // tags of the task, at most 20
	ContainerId         string
	ContainerName       string
	ClientToken         string // at most 64 ASCII characters
	TerminationMode     string // Process or ProcessTree
	Launcher            string // at most 1 KB
	OssOutputDelivery   string // oss://bucket/prefix
}

// RunCommandResponse contains the ids of what was created.
type RunCommandResponse struct {
	RequestId string
	CommandId string
	InvokeId  string
}

// Action returns the API's name of the action.
func (*RunCommandRequest) Action() string { return "RunCommand" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *RunCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Targets returns the instances of the request, which it may name in InstanceId and InstanceIds.
func (r *RunCommandRequest) Targets() []string {
	return append(r.InstanceId[:len(r.InstanceId):len(r.InstanceId)], r.InstanceIds...)
}

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *RunCommandRequest) Validate(limits Limits) error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.commandType(r.Type)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	maxSize := MaxContent
	if r.KeepCommand {
		maxSize = MaxContentKept
	}
	content := f.content(r.CommandContent, Encoding(r.ContentEncoding, PlainText), maxSize)
	f.parameters(content, r.EnableParameter, r.Parameters)
	if r.EnableParameter {
		f.wholeSize(content, r.Parameters, maxSize, runWords())
	}
	f.windowsPassword(r.Type, r.Username, r.WindowsPasswordName, http.StatusBadRequest)
	f.targets(r.Targets(), r.InstanceIds, r.ResourceTag, limits.RunInstances)
	f.execution(execution{
		WorkingDir: r.WorkingDir, Username: r.Username, WindowsPasswordName: r.WindowsPasswordName, Type: r.Type,
		ContainerId: r.ContainerId, ContainerName: r.ContainerName, RepeatMode: r.RepeatMode, Frequency: r.Frequency,
		Timeout: cmp.Or(r.Timeout, DefaultTimeout), Launcher: r.Launcher,
		TerminationMode: r.TerminationMode, OssOutputDelivery: r.OssOutputDelivery, ClientToken: r.ClientToken,
	})
	f.tags(r.Tag)
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}
