package assist

// DescribeSendFileResultsRequest lists the files that were sent, newest first.
type DescribeSendFileResultsRequest struct {
	RegionId         string
	ResourceGroupId  string
	InvokeId         string
	InstanceId       string
	Name             string
	InvocationStatus string
	Tag              []Tag
	Page
}

// DescribeSendFileResultsResponse is one page of them.
type DescribeSendFileResultsResponse struct {
	RequestId string
	Paged
	Invocations struct{ Invocation List[FileInvocation] }
}

// FileInvocation is one file sent to some instances.
type FileInvocation struct {
	InvokeId         string
	Name             string
	TargetDir        string
	Content          string
	ContentType      string
	FileOwner        string
	FileGroup        string
	FileMode         string
	Overwrite        string // "true" or "false": the service sends text here
	Description      string
	CreationTime     string
	VmCount          int64
	InvocationStatus string
	Tags             struct{ Tag List[TagPair] }
	InvokeInstances  struct{ InvokeInstance List[FileInstance] }
}

// FileInstance is how a file arrived on one instance.
type FileInstance struct {
	InstanceId       string
	InvocationStatus string
	ErrorCode        string
	ErrorInfo        string
	CreationTime     string
	StartTime        string
	FinishTime       string
	UpdateTime       string
}

// Action is the API's name for the call.
func (*DescribeSendFileResultsRequest) Action() string { return "DescribeSendFileResults" }

// Repeatable holds for everything that only reads.
func (*DescribeSendFileResultsRequest) Repeatable() bool { return true }

// Validate judges the tags to choose by, for which those on a task have the rules. The error is Faults.
func (r *DescribeSendFileResultsRequest) Validate() error { return validateTags(r.Tag) }
