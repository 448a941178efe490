package lab

// FaultCountsRequest asks a lab how often its faults have happened. It is an action of the lab's own, which the service
// does not have.
type FaultCountsRequest struct{}

// FaultCountsResponse tells of the faults that the lab has, and of those that it had.
type FaultCountsResponse struct {
	RequestId string
	Faults    []FaultCount
}

// FaultCount is how often a fault has happened.
type FaultCount struct {
	Fault string // as ParseFault reads it
	Count int64
}

// Action is the lab's name for the call.
func (*FaultCountsRequest) Action() string { return "LabFaultCounts" }

// Repeatable holds for everything that only reads.
func (*FaultCountsRequest) Repeatable() bool { return true }

func faultCounts(c call, _ *FaultCountsRequest) (*FaultCountsResponse, error) {
	return &FaultCountsResponse{Faults: c.faults.counted()}, nil
}
