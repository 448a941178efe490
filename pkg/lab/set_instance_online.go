package lab

import "muster/pkg/assist"

// SetInstanceOnlineRequest has an instance's agent send heartbeats, or no longer. It is an action of the lab's own, which
// the service does not have.
type SetInstanceOnlineRequest struct {
	RegionId   string
	InstanceId string
	Online     *bool
}

// SetInstanceOnlineResponse has nothing to tell.
type SetInstanceOnlineResponse struct{ RequestId string }

// Action is the lab's name for the call.
func (*SetInstanceOnlineRequest) Action() string { return "LabSetInstanceOnline" }

// Repeatable holds: what is online stays so.
func (*SetInstanceOnlineRequest) Repeatable() bool { return true }

func setInstanceOnline(c call, r *SetInstanceOnlineRequest) (*SetInstanceOnlineResponse, error) {
	if r.Online == nil {
		return nil, assist.MissingParameter("Online")
	}
	h, err := c.anyMachine(r.InstanceId)
	if err != nil {
		return nil, err
	}
	h.set(func(it *Instance) { it.Online = *r.Online })
	return new(SetInstanceOnlineResponse), nil
}
