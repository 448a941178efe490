package assist

// StartInstanceRequest starts a stopped instance.
type StartInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// StartInstanceResponse is empty except for its RequestId.
type StartInstanceResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*StartInstanceRequest) Action() string { return "StartInstance" }

// Repeatable reports false. The second call would fail, because the instance is running.
func (*StartInstanceRequest) Repeatable() bool { return false }

// StopInstanceRequest stops a running instance.
type StopInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// StopInstanceResponse is empty except for its RequestId.
type StopInstanceResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*StopInstanceRequest) Action() string { return "StopInstance" }

// Repeatable reports false. The second call would fail, because the instance is stopped.
func (*StopInstanceRequest) Repeatable() bool { return false }

// RebootInstanceRequest reboots a running instance.
type RebootInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// RebootInstanceResponse is empty except for its RequestId.
type RebootInstanceResponse struct{ RequestId string }

// Action returns the API's name of the action.
func (*RebootInstanceRequest) Action() string { return "RebootInstance" }

// Repeatable reports false. Each call is a reboot.
func (*RebootInstanceRequest) Repeatable() bool { return false }
