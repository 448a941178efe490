package assist

// DescribeCommandsRequest lists saved commands. Without Provider they are the account's own.
type DescribeCommandsRequest struct {
	RegionId        string
	ResourceGroupId string
	CommandId       string
	Name            string // may hold * at either end
	Description     string // may hold * at either end
	Type            string
	Provider        string // AlibabaCloud for all public ones
	Latest          *bool  // of public commands, the latest version only
	ContentEncoding string // of CommandContent: Base64 when left out, or PlainText
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

// ParameterDefinition tells of one parameter of a public command.
type ParameterDefinition struct {
	ParameterName  string
	Description    string
	DefaultValue   string
	Required       bool
	PatternRegex   string
	PossibleValues struct{ PossibleValue List[string] }
}

// Action is the API's name for the call.
func (*DescribeCommandsRequest) Action() string { return "DescribeCommands" }

// Repeatable holds for everything that only reads.
func (*DescribeCommandsRequest) Repeatable() bool { return true }

// Validate judges the tags to choose by, for which those on a task have the rules. The error is Faults.
func (r *DescribeCommandsRequest) Validate() error { return validateTags(r.Tag) }
