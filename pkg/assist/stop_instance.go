package assist

// StopInstanceRequest stops a running instance.
type StopInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// StopInstanceResponse has nothing to tell.
type StopInstanceResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*StopInstanceRequest) Action() string { return "StopInstance" }

// Repeatable is false: the second of two would be told that the instance is stopped.
func (*StopInstanceRequest) Repeatable() bool { return false }
