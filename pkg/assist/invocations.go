package assist

// DescribeInvocationsRequest lists invocations with the state of each instance, newest first. The service keeps invocations for about
// four weeks.
type DescribeInvocationsRequest struct {
	RegionId        string
	ResourceGroupId string
	InvokeId        string
	CommandId       string
	CommandName     string // ignored with InstanceId
	CommandType     string
	Type            string // the oldest name of CommandType
	InstanceId      string
	InvokeStatus    string // a filter by a state of either generation
	RepeatMode      string // ignored with InstanceId
	Timed           *bool
	IncludeOutput   bool   // requires InvokeId or InstanceId
	ContentEncoding string // of CommandContent and Output: Base64 (the default) or PlainText
	Tag             []Tag
	Page
}

// DescribeInvocationsResponse is one page of invocations.
type DescribeInvocationsResponse struct {
	RequestId string
	Paged
	Invocations struct{ Invocation List[Invocation] }
}

// Invocation is a command that was sent to instances. The instances of a periodic invocation have the state of their latest run.
type Invocation struct {
	InvokeId           string
	CommandId          string
	CommandName        string
	CommandType        string
	CommandDescription string
	CommandContent     string
	Parameters         string // a JSON object; {} if there are none
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
	InvocationStatus   string // the newer one; may be missing in old responses
	Tags               struct{ Tag List[TagPair] }
	InvokeInstances    struct{ InvokeInstance List[InvokeInstance] }
}

// InvokeInstance is the state of an invocation on one instance.
type InvokeInstance struct {
	InstanceId           string
	InstanceInvokeStatus string // the older state
	InvocationStatus     string // the newer one; may be missing in old responses
	ExitCode             int64
	ErrorCode            string
	ErrorInfo            string
	Output               string // only if the request asked for it
	Dropped              int64  // bytes of output that were dropped
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

// Action returns the API's name of the action.
func (*DescribeInvocationsRequest) Action() string { return "DescribeInvocations" }

// Repeatable reports true. The call only reads.
func (*DescribeInvocationsRequest) Repeatable() bool { return true }

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeInvocationsRequest) Validate() error { return validateTags(r.Tag) }

// StopInvocationRequest stops an invocation on some or all of its instances. Pending scripts are cancelled and running ones killed. A
// periodic invocation does not run again.
type StopInvocationRequest struct {
	RegionId   string
	InvokeId   string
	InstanceId []string // at most 50; none means all
}

// StopInvocationResponse is empty except for its RequestId.
type StopInvocationResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*StopInvocationRequest) Action() string { return "StopInvocation" }

// Repeatable reports true. Stopping again has no effect.
func (*StopInvocationRequest) Repeatable() bool { return true }
