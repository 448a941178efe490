package assist

// DescribeSendFileResultsRequest lists sent files, newest first.
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

// DescribeSendFileResultsResponse is one page of sent files.
type DescribeSendFileResultsResponse struct {
	RequestId string
	Paged
	Invocations struct{ Invocation List[FileInvocation] }
}

// FileInvocation is a file that was sent to instances.
type FileInvocation struct {
	InvokeId         string
	Name             string
	TargetDir        string
	Content          string
	ContentType      string
	FileOwner        string
	FileGroup        string
	FileMode         string
	Overwrite        string // "true" or "false", as a string
	Description      string
	CreationTime     string
	VmCount          int64
	InvocationStatus string
	Tags             struct{ Tag List[TagPair] }
	InvokeInstances  struct{ InvokeInstance List[FileInstance] }
}

// FileInstance is the delivery of a file to one instance.
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

// Action returns the API's name of the action.
func (*DescribeSendFileResultsRequest) Action() string { return "DescribeSendFileResults" }

// Repeatable reports true. The call only reads.
func (*DescribeSendFileResultsRequest) Repeatable() bool { return true }

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeSendFileResultsRequest) Validate() error { return validateTags(r.Tag) }
