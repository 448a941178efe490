package assist

// DescribeInvocationsRequest lists invocations with the state of each of their instances, newest first. The service
// keeps them for about four weeks.
type DescribeInvocationsRequest struct {
	RegionId        string
	ResourceGroupId string
	InvokeId        string
	CommandId       string
	CommandName     string // ignored beside InstanceId
	CommandType     string
	Type            string // the oldest name of CommandType
	InstanceId      string
	InvokeStatus    string // a filter by either generation's state
	RepeatMode      string // ignored beside InstanceId
	Timed           *bool
	IncludeOutput   bool   // needs InvokeId or InstanceId
	ContentEncoding string // of CommandContent and Output: Base64 when left out, or PlainText
	Tag             []Tag
	Page
}

// DescribeInvocationsResponse is one page of invocations.
type DescribeInvocationsResponse struct {
	RequestId string
	Paged
	Invocations struct{ Invocation List[Invocation] }
}

// Invocation is one command sent to some instances. Of a periodic one, the instances show their latest run.
type Invocation struct {
	InvokeId           string
	CommandId          string
	CommandName        string
	CommandType        string
	CommandDescription string
	CommandContent     string
	Parameters         string // a JSON object; {} when there are none
	Frequency          string
	RepeatMode         string
	Timed              bool
	Timeout            int64
	WorkingDir         string
	Username           string
	ContainerId        string
	ContainerName      string
	TerminationMode    string
	Launcher           string
	OssOutputDelivery  string
	CreationTime       string
	InvokeStatus       string // the older state
	InvocationStatus   string // the newer one; may be missing in old answers
	Tags               struct{ Tag List[TagPair] }
	InvokeInstances    struct{ InvokeInstance List[InvokeInstance] }
}

// InvokeInstance is how an invocation stands on one instance.
type InvokeInstance struct {
	InstanceId           string
	InstanceInvokeStatus string // the older state
	InvocationStatus     string // the newer one; may be missing in old answers
	ExitCode             int64
	ErrorCode            string
	ErrorInfo            string
	Output               string // only when the request asked for it
	Dropped              int64  // bytes of output that were cut
	Repeats              int64
	Timed                bool
	CreationTime         string
	StartTime            string
	FinishTime           string
	StopTime             string
	UpdateTime           string
	OssOutputStatus      string
	OssOutputUri         string
	OssOutputErrorCode   string
	OssOutputErrorInfo   string
}

// Action is the API's name for the call.
func (*DescribeInvocationsRequest) Action() string { return "DescribeInvocations" }

// Repeatable holds for everything that only reads.
func (*DescribeInvocationsRequest) Repeatable() bool { return true }

// Validate judges the tags to choose by, for which those on a task have the rules. The error is Faults.
func (r *DescribeInvocationsRequest) Validate() error { return validateTags(r.Tag) }
