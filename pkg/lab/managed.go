package lab

import (
	"fmt"
	"strings"
	"time"

	"muster/pkg/assist"
)

// managedPrefix begins the ids of managed instances.
const managedPrefix = "mi-"

// ManagedID reports whether an id is that of a managed instance.
func ManagedID(id string) bool { return strings.HasPrefix(id, managedPrefix) }

// Managed is what is particular to a managed instance: a host outside ECS on which the agent has been registered. Such an
// [Instance] has no status, zone, type or VPC, and its OSName serves as the OsVersion.
type Managed struct {
	MachineId        string // at most 36 characters
	ActivationId     string // the activation that it was registered with
	RegistrationTime string
	IntranetIp       string
	InternetIp       string
}

// nextManaged returns a function that makes instances registered with one activation, given by its number.
func (m *maker) nextManaged(activation int) func(name string) Instance {
	registered := assist.FormatTime(time.Now())
	return func(name string) Instance {
		m.managed++
		n := m.managed
		it := Instance{Online: true, AgentVersion: agentVersion, Managed: &Managed{
			MachineId:        fmt.Sprintf("6c616200-0000-4000-9000-%012x", n),
			ActivationId:     fmt.Sprintf("6c616200-0000-4000-a000-%012x", activation),
			RegistrationTime: registered,
			IntranetIp:       fmt.Sprintf("172.%d.%d.%d", 16+n>>16&15, n>>8&255, n&255),
		}}
		it.InstanceId = fmt.Sprintf("%slab%05d", managedPrefix, n)
		it.InstanceName, it.HostName = name, name
		it.OSType, it.OSName = m.model.OSType, m.model.OSName
		it.OSNameEn = it.OSName
		return it
	}
}

func (h *host) isManaged() bool { return h.get().Managed != nil }

// managedStatus returns what DescribeManagedInstances tells of a managed instance.
func (h *host) managedStatus() assist.ManagedInstance {
	h.mu.Lock()
	defer h.mu.Unlock()
	it := h.instance
	return assist.ManagedInstance{
		InstanceId:       it.InstanceId,
		InstanceName:     it.InstanceName,
		Hostname:         it.HostName,
		OsType:           it.OSType,
		OsVersion:        it.OSName,
		AgentVersion:     it.AgentVersion,
		Connected:        it.connected(),
		InternetIp:       it.Managed.InternetIp,
		IntranetIp:       it.Managed.IntranetIp,
		MachineId:        it.Managed.MachineId,
		ActivationId:     it.Managed.ActivationId,
		RegistrationTime: it.Managed.RegistrationTime,
		LastInvokedTime:  assist.FormatTime(h.invoked),
		InvocationCount:  h.done,
		ResourceGroupId:  it.ResourceGroupId,
		Tags:             it.Tags.Tag,
	}
}
