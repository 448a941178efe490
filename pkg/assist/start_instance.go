package assist

// StartInstanceRequest starts a stopped instance.
type StartInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// StartInstanceResponse has nothing to tell.
type StartInstanceResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*StartInstanceRequest) Action() string { return "StartInstance" }

// Repeatable is false: the second of two would be told that the instance is running.
func (*StartInstanceRequest) Repeatable() bool { return false }
