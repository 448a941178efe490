package assist

import "net/http"

// ModifyCommandRequest changes a saved command. What is left out stays as it is. The content cannot be changed: the
// service takes CommandContent and ignores it.
type ModifyCommandRequest struct {
	RegionId       string
	CommandId      string
	Name           string
	Description    string
	WorkingDir     string
	Timeout        int64 // seconds
	Launcher       string
	CommandContent string
}

// ModifyCommandResponse has nothing to tell.
type ModifyCommandResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*ModifyCommandRequest) Action() string { return "ModifyCommand" }

// Repeatable holds: the second of two changes nothing more.
func (*ModifyCommandRequest) Repeatable() bool { return true }

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *ModifyCommandRequest) Validate() error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("CommandId", r.CommandId)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	f.execution(execution{WorkingDir: r.WorkingDir, Launcher: r.Launcher})
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}
