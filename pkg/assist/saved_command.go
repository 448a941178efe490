package assist

import (
	"net/http"
)

// CreateCommandRequest saves a command, to invoke it later.
type CreateCommandRequest struct {
	RegionId        string
	ResourceGroupId string
	Name            string
	Description     string
	Type            string
	CommandContent  string
	ContentEncoding string // Base64 (the default) or PlainText; the default of RunCommand is PlainText
	WorkingDir      string
	Timeout         int64 // seconds; 60 if zero
	EnableParameter bool
	Launcher        string
	Tag             []Tag
	ClientToken     string
}

// CreateCommandResponse contains the ids of what was created.
type CreateCommandResponse struct {
	RequestId string
	CommandId string
}

// Action returns the API's name of the action.
func (*CreateCommandRequest) Action() string { return "CreateCommand" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *CreateCommandRequest) Repeatable() bool { return r.ClientToken != "" }

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *CreateCommandRequest) Validate() error {
	var f ValidationErrors
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

// ModifyCommandRequest changes a saved command. Empty fields are not changed. The content cannot be changed: the service accepts
// CommandContent and ignores it.
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

// ModifyCommandResponse is empty except for its RequestId.
type ModifyCommandResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*ModifyCommandRequest) Action() string { return "ModifyCommand" }

// Repeatable reports true. The second call has no further effect.
func (*ModifyCommandRequest) Repeatable() bool { return true }

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *ModifyCommandRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.missing("CommandId", r.CommandId)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	f.execution(execution{WorkingDir: r.WorkingDir, Launcher: r.Launcher})
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}

// DeleteCommandRequest deletes a saved command. A command that is running cannot be deleted.
type DeleteCommandRequest struct {
	RegionId  string
	CommandId string
}

// DeleteCommandResponse is empty except for its RequestId.
type DeleteCommandResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*DeleteCommandRequest) Action() string { return "DeleteCommand" }

// Repeatable reports false. The second call would fail, because the command no longer exists.
func (*DeleteCommandRequest) Repeatable() bool { return false }
