package lab

import (
	"fmt"
	"net/http"
	"time"

	"muster/pkg/assist"
)

func startInstance(c call, r *assist.StartInstanceRequest) (*assist.StartInstanceResponse, error) {
	return new(assist.StartInstanceResponse), c.power(r.InstanceId, "Stopped", func(it *Instance) {
		it.Status, it.StoppedMode = "Running", "Not-applicable"
		it.StartTime = assist.FormatMinute(time.Now())
	})
}

func stopInstance(c call, r *assist.StopInstanceRequest) (*assist.StopInstanceResponse, error) {
	return new(assist.StopInstanceResponse), c.power(r.InstanceId, "Running", (*Instance).powerOff)
}

// powerOff stops the machine. A managed instance has no status: it is disconnected instead.
func (it *Instance) powerOff() {
	if it.Managed != nil {
		it.Online = false
		return
	}
	it.Status, it.StoppedMode = "Stopped", "KeepCharging"
}

func rebootInstance(c call, r *assist.RebootInstanceRequest) (*assist.RebootInstanceResponse, error) {
	h, err := c.machine(r.InstanceId)
	if err != nil {
		return nil, err
	}
	if it := h.get(); it.Status != "Running" {
		return nil, wrongStatus(it)
	}
	h.reboot()
	return new(assist.RebootInstanceResponse), nil
}

// power changes an instance, or refuses if its status is not the one that the action needs.
func (c call) power(id, needed string, change func(*Instance)) error {
	h, err := c.machine(id)
	if err != nil {
		return err
	}
	var refused error
	h.set(func(it *Instance) {
		if it.Status != needed {
			refused = wrongStatus(it)
			return
		}
		change(it)
	})
	return refused
}

// machine returns the ECS instance of a call that is about one instance. StartInstance, StopInstance and RebootInstance know
// no managed instances.
func (c call) machine(id string) (*host, error) {
	h, err := c.anyMachine(id)
	if err == nil && h.isManaged() {
		return nil, noSuchMachine(id)
	}
	return h, err
}

// anyMachine is like machine, and returns managed instances too.
func (c call) anyMachine(id string) (*host, error) {
	if id == "" {
		return nil, assist.MissingParameter("InstanceId")
	}
	h := c.inventory.host(id)
	if h == nil {
		return nil, noSuchMachine(id)
	}
	return h, nil
}

func noSuchMachine(id string) error {
	return assist.Refusal(http.StatusNotFound, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist: "+id+".")
}

func wrongStatus(it *Instance) error {
	return assist.Refusal(http.StatusForbidden, "IncorrectInstanceStatus", fmt.Sprintf(
		"The current status of the resource does not support this operation: %s is %s.", it.InstanceId, it.Status))
}

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
