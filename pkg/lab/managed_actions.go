package lab

import (
	"net/http"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

func modifyManagedInstance(c call, r *assist.ModifyManagedInstanceRequest) (*assist.ModifyManagedInstanceResponse, error) {
	h, err := managedHost(c, r.InstanceId)
	if err != nil {
		return nil, err
	}
	h.set(func(it *Instance) { it.InstanceName = r.InstanceName })
	response := new(assist.ModifyManagedInstanceResponse)
	response.Instance.InstanceId, response.Instance.InstanceName = r.InstanceId, r.InstanceName
	return response, nil
}

// deregisterManagedInstance removes a managed instance. Its tasks end.
func deregisterManagedInstance(c call, r *assist.DeregisterManagedInstanceRequest) (*assist.DeregisterManagedInstanceResponse, error) {
	h, err := managedHost(c, r.InstanceId)
	if err != nil {
		return nil, err
	}
	if !deregister(c.Lab, c.site, h) {
		return nil, unknownManaged(r.InstanceId)
	}
	if h.enrolled != nil {
		c.leaving.add(r.InstanceId, h.enrolled)
		kickAgent(c.Lab, r.InstanceId, protocol.Kick{}) // it fetches what it has to stop
	}
	s := h.managedStatus()
	return &assist.DeregisterManagedInstanceResponse{Instance: assist.DeregisteredInstance{
		InstanceId: s.InstanceId, InstanceName: s.InstanceName, Hostname: s.Hostname, OsType: s.OsType, OsVersion: s.OsVersion,
		AgentVersion: s.AgentVersion, InternetIp: s.InternetIp, IntranetIp: s.IntranetIp, MachineId: s.MachineId,
		ActivationId: s.ActivationId, RegistrationTime: s.RegistrationTime, LastInvokedTime: s.LastInvokedTime,
		InvocationCount: s.InvocationCount, ResourceGroupId: s.ResourceGroupId,
	}}, nil
}

// managedHost returns a managed instance of the region.
func managedHost(c call, id string) (*host, error) {
	h := c.inventory.host(id)
	if h == nil || !h.isManaged() {
		return nil, unknownManaged(id)
	}
	return h, nil
}

func unknownManaged(id string) error {
	return assist.Refusal(http.StatusNotFound, "InvalidInstance.NotFound", "The specified instances id does not exist: "+id+".")
}
