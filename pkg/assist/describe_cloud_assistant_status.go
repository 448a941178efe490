package assist

// DescribeCloudAssistantStatusRequest asks how the agents on instances are. With InstanceId, the page parameters have
// no effect.
type DescribeCloudAssistantStatusRequest struct {
	RegionId   string
	OSType     string // Windows, Linux, FreeBSD
	InstanceId []string
	Page
}

// DescribeCloudAssistantStatusResponse is one page of agents.
type DescribeCloudAssistantStatusResponse struct {
	RequestId string
	Paged
	InstanceCloudAssistantStatusSet struct {
		InstanceCloudAssistantStatus List[InstanceCloudAssistantStatus]
	}
}

// InstanceCloudAssistantStatus is the agent of one instance.
type InstanceCloudAssistantStatus struct {
	InstanceId            string
	CloudAssistantStatus  string // "true" or "false": whether a heartbeat came in the last two minutes
	CloudAssistantVersion string // empty where there is no agent
	LastHeartbeatTime     string
	LastInvokedTime       string
	InvocationCount       int64
	ActiveTaskCount       int64
	OSType                string // capitalised: Linux, Windows
	SupportSessionManager bool
}

// Action is the API's name for the call.
func (*DescribeCloudAssistantStatusRequest) Action() string { return "DescribeCloudAssistantStatus" }

// Repeatable holds for everything that only reads.
func (*DescribeCloudAssistantStatusRequest) Repeatable() bool { return true }
