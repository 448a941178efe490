package assist

// DescribeInvocationResultsRequest lists the results of instances with their outputs.
type DescribeInvocationResultsRequest struct {
	RegionId           string
	ResourceGroupId    string
	InvokeId           string
	CommandId          string
	InstanceId         string
	InvokeRecordStatus string // a filter by a state of either generation
	IncludeHistory     bool   // every run of a periodic invocation; requires InvokeId
	ContentEncoding    string // of Output: Base64 (the default) or PlainText
	Tag                []Tag
	Page
}

// DescribeInvocationResultsResponse is one page of results. Its NextToken is nested, unlike any other action's.
type DescribeInvocationResultsResponse struct {
	RequestId  string
	Invocation InvocationResults
}

// InvocationResults is the content of a page of results.
type InvocationResults struct {
	Paged
	InvocationResults struct{ InvocationResult List[InvocationResult] }
}

// InvocationResult is the result of one run on one instance.
type InvocationResult struct {
	CommandId          string
	InvokeId           string
	InstanceId         string
	InvocationStatus   string // the newer state; may be missing in old responses
	InvokeRecordStatus string // the older one
	ExitCode           int64
	Output             string
	Dropped            int64
	Repeats            int64
	StartTime          string
	FinishedTime       string // called FinishTime in DescribeInvocations
	StopTime           string
	ErrorCode          string
	ErrorInfo          string
	Username           string
	ContainerId        string
	ContainerName      string
	TerminationMode    string
	Launcher           string
	Tags               struct{ Tag List[TagPair] }
	OssOutputDelivery  string
	OssOutputStatus    string
	OssOutputUri       string
	OssOutputErrorCode string
	OssOutputErrorInfo string

	// Encoding is the encoding of Output if it is not the requested one: PlainText if the client has decoded the output.
	Encoding string `json:"-"`
}

// Action returns the API's name of the action.
func (*DescribeInvocationResultsRequest) Action() string { return "DescribeInvocationResults" }

// Repeatable reports true. The call only reads.
func (*DescribeInvocationResultsRequest) Repeatable() bool { return true }

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeInvocationResultsRequest) Validate() error { return validateTags(r.Tag) }
