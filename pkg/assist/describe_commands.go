package assist

// DescribeCommandsRequest lists saved commands: without Provider, those of the account.
type DescribeCommandsRequest struct {
	RegionId        string
	ResourceGroupId string
	CommandId       string
	Name            string // may start and end with *
	Description     string // may start and end with *
	Type            string
	Provider        string // AlibabaCloud for all public ones
	Latest          *bool  // only the latest version of public commands
	ContentEncoding string // of CommandContent: Base64 (the default) or PlainText
	Tag             []Tag
	Page
}

// DescribeCommandsResponse is one page of commands.
type DescribeCommandsResponse struct {
	RequestId string
	Paged
	Commands struct{ Command List[Command] }
}

// Command is a saved command.
type Command struct {
	CommandId            string
	Name                 string
	Type                 string
	Description          string
	CommandContent       string
	WorkingDir           string
	Timeout              int64
	EnableParameter      bool
	CreationTime         string
	InvokeTimes          int64
	Provider             string
	Category             string
	Version              int64
	Latest               bool
	Launcher             string
	ResourceGroupId      string
	ParameterNames       struct{ ParameterName List[string] }
	Tags                 struct{ Tag List[TagPair] }
	ParameterDefinitions struct{ ParameterDefinition List[ParameterDefinition] }
}

// ParameterDefinition describes a parameter of a public command.
type ParameterDefinition struct {
	ParameterName  string
	Description    string
	DefaultValue   string
	Required       bool
	PatternRegex   string
	PossibleValues struct{ PossibleValue List[string] }
}

// Action returns the API's name of the action.
func (*DescribeCommandsRequest) Action() string { return "DescribeCommands" }

// Repeatable reports true. The call only reads.
func (*DescribeCommandsRequest) Repeatable() bool { return true }

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeCommandsRequest) Validate() error { return validateTags(r.Tag) }
