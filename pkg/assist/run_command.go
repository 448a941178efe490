package assist

import (
	"cmp"
	"net/http"
)

// RunCommandRequest makes a command and runs it on instances, in one call. It returns before anything is delivered. One
// instance that cannot take it makes the service refuse the whole call.
type RunCommandRequest struct {
	RegionId            string
	ResourceGroupId     string
	Name                string // at most 128 characters
	Description         string // at most 512 characters
	Type                string // RunShellScript, RunBatScript, RunPowerShellScript
	CommandContent      string // at most 24 KB in Base64, 18 KB with KeepCommand
	ContentEncoding     string // PlainText (also for anything unknown) or Base64, in any letter case
	WorkingDir          string // at most 200 characters
	Timeout             int64  // seconds; 60 when left out
	EnableParameter     bool
	Parameters          JSONMap // at most 10; a key has 1 to 64 characters
	KeepCommand         bool
	RepeatMode          string // Once, Period, NextRebootOnly, EveryReboot, DryRun
	Frequency           string // rate(…), at(…) or cron; makes the call a periodic one
	Timed               *bool  // obsolete; no effect
	Username            string // at most 255 characters
	WindowsPasswordName string // at most 255 characters
	InstanceId          []string
	InstanceIds         JSONList // the oldest name of InstanceId
	ResourceTag         []Tag    // targets by their tags; excludes InstanceId
	Tag                 []Tag    // labels on the task, at most 20
	ContainerId         string
	ContainerName       string
	ClientToken         string // at most 64 ASCII characters
	TerminationMode     string // Process or ProcessTree
	Launcher            string // at most 1 KB
	OssOutputDelivery   string // oss://bucket/prefix
}

// RunCommandResponse names what was made.
type RunCommandResponse struct {
	RequestId string
	CommandId string
	InvokeId  string
}

// Action is the API's name for the call.
func (*RunCommandRequest) Action() string { return "RunCommand" }

// Repeatable holds with a ClientToken: the service answers a repeated one with its first answer.
func (r *RunCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Targets are the instances named by the request, under its new and its old name.
func (r *RunCommandRequest) Targets() []string {
	return append(r.InstanceId[:len(r.InstanceId):len(r.InstanceId)], r.InstanceIds...)
}

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *RunCommandRequest) Validate(limits Limits) error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.commandType(r.Type)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	most := MaxContent
	if r.KeepCommand {
		most = MaxContentKept
	}
	content := f.content(r.CommandContent, Encoding(r.ContentEncoding, PlainText), most)
	f.parameters(content, r.EnableParameter, r.Parameters)
	if r.EnableParameter {
		f.wholeSize(content, r.Parameters, most, runWords())
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
