package assist

import "net/http"

// CreateCommandRequest saves a command, to be invoked later.
type CreateCommandRequest struct {
	RegionId        string
	ResourceGroupId string
	Name            string
	Description     string
	Type            string
	CommandContent  string
	ContentEncoding string // Base64 (also for anything unknown) or PlainText: the opposite of RunCommand
	WorkingDir      string
	Timeout         int64 // seconds; 60 when left out
	EnableParameter bool
	Launcher        string
	Tag             []Tag
	ClientToken     string
}

// CreateCommandResponse names what was made.
type CreateCommandResponse struct {
	RequestId string
	CommandId string
}

// Action is the API's name for the call.
func (*CreateCommandRequest) Action() string { return "CreateCommand" }

// Repeatable holds with a ClientToken: the service answers a repeated one with its first answer.
func (r *CreateCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *CreateCommandRequest) Validate() error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("Name", r.Name)
	f.commandType(r.Type)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	content := f.content(r.CommandContent, Encoding(r.ContentEncoding, Base64), MaxContent)
	f.parameters(content, r.EnableParameter, nil)
	f.execution(execution{WorkingDir: r.WorkingDir, Launcher: r.Launcher, ClientToken: r.ClientToken})
	f.tags(r.Tag)
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}
