package assist

// RebootInstanceRequest reboots a running instance.
type RebootInstanceRequest struct {
	RegionId   string
	InstanceId string
}

// RebootInstanceResponse has nothing to tell.
type RebootInstanceResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*RebootInstanceRequest) Action() string { return "RebootInstance" }

// Repeatable is false: each call is a reboot.
func (*RebootInstanceRequest) Repeatable() bool { return false }
