package assist

// InstallCloudAssistantRequest installs the agent on instances. It takes effect when they are next rebooted.
type InstallCloudAssistantRequest struct {
	RegionId   string
	InstanceId []string // 1 to 50
}

// InstallCloudAssistantResponse has nothing to tell.
type InstallCloudAssistantResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*InstallCloudAssistantRequest) Action() string { return "InstallCloudAssistant" }

// Repeatable holds: what is installed stays so.
func (*InstallCloudAssistantRequest) Repeatable() bool { return true }
