package assist

// StopInvocationRequest stops an invocation on some of its instances, or on all: what waits is cancelled, what runs is
// killed, and a periodic one has no further runs.
type StopInvocationRequest struct {
	RegionId   string
	InvokeId   string
	InstanceId []string // at most 50; none means all
}

// StopInvocationResponse has nothing to tell.
type StopInvocationResponse struct{ RequestId string }

// Action is the API's name for the call.
func (*StopInvocationRequest) Action() string { return "StopInvocation" }

// Repeatable holds: what is stopped stays so.
func (*StopInvocationRequest) Repeatable() bool { return true }
