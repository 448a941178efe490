package assist

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
