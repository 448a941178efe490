package assist

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
