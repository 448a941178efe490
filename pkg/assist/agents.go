package assist

// DescribeCloudAssistantStatusRequest lists the agents on instances. The page parameters have no effect with InstanceId.
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
	CloudAssistantStatus  string // "true" or "false": whether the agent sent a heartbeat in the last two minutes
	CloudAssistantVersion string // empty if there is no agent
	LastHeartbeatTime     string
	LastInvokedTime       string
	InvocationCount       int64
	ActiveTaskCount       int64
	OSType                string // capitalised: Linux, Windows
	SupportSessionManager bool
}

// Action returns the API's name of the action.
func (*DescribeCloudAssistantStatusRequest) Action() string { return "DescribeCloudAssistantStatus" }

// Repeatable reports true. The call only reads.
func (*DescribeCloudAssistantStatusRequest) Repeatable() bool { return true }

// InstallCloudAssistantRequest installs the agent on instances. It takes effect at their next reboot.
type InstallCloudAssistantRequest struct {
	RegionId   string
	InstanceId []string // 1 to 50
}

// InstallCloudAssistantResponse is empty except for its RequestId.
type InstallCloudAssistantResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*InstallCloudAssistantRequest) Action() string { return "InstallCloudAssistant" }

// Repeatable reports true. Installing the agent again has no effect.
func (*InstallCloudAssistantRequest) Repeatable() bool { return true }
