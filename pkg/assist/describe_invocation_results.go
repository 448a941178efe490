package assist

// DescribeInvocationResultsRequest lists what instances gave back, outputs included.
type DescribeInvocationResultsRequest struct {
	RegionId           string
	ResourceGroupId    string
	InvokeId           string
	CommandId          string
	InstanceId         string
	InvokeRecordStatus string // a filter by either generation's state
	IncludeHistory     bool   // every run of a periodic invocation; needs its InvokeId
	ContentEncoding    string // of Output: Base64 when left out, or PlainText
	Tag                []Tag
	Page
}

// DescribeInvocationResultsResponse is one page of results. Its NextToken is nested, unlike any other action's.
type DescribeInvocationResultsResponse struct {
	RequestId  string
	Invocation InvocationResults
}

// InvocationResults is the inside of a page of results.
type InvocationResults struct {
	Paged
	InvocationResults struct{ InvocationResult List[InvocationResult] }
}

// InvocationResult is what one run on one instance gave back.
type InvocationResult struct {
	CommandId          string
	InvokeId           string
	InstanceId         string
	InvocationStatus   string // the newer state; may be missing in old answers
	InvokeRecordStatus string // the older one
	ExitCode           int64
	Output             string
	Dropped            int64
	Repeats            int64
	StartTime          string
	FinishedTime       string // not FinishTime, as DescribeInvocations has it
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

	// Encoding is that of Output, where it is not what the request asked for: PlainText when the client has decoded it.
	Encoding string `json:"-"`
}

// Action is the API's name for the call.
func (*DescribeInvocationResultsRequest) Action() string { return "DescribeInvocationResults" }

// Repeatable holds for everything that only reads.
func (*DescribeInvocationResultsRequest) Repeatable() bool { return true }

// Validate judges the tags to choose by, for which those on a task have the rules. The error is Faults.
func (r *DescribeInvocationResultsRequest) Validate() error { return validateTags(r.Tag) }
