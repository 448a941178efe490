package lab

// StopRequest asks the program that runs a lab to end it. This action exists only in labs, not in the service.
type StopRequest struct{}

// StopResponse is the response to a [StopRequest]. The lab still answers calls for a moment.
type StopResponse struct{ RequestId string }

// Action returns the name of the action.
func (*StopRequest) Action() string { return "LabStop" }

// Repeatable returns true, because a lab ends once.
func (*StopRequest) Repeatable() bool { return true }

// StopRequested returns a channel that is closed when a client has called LabStop. The lab does not close itself.
func (l *Lab) StopRequested() <-chan struct{} { return l.stopRequested }

func requestStop(c call, _ *StopRequest) (*StopResponse, error) {
	c.stopOnce.Do(func() { close(c.stopRequested) })
	return new(StopResponse), nil
}
