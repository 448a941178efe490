package lab

import (
	"fmt"
	"strings"
	"time"

	"muster/pkg/assist"
)

// managedPrefix is the prefix of the ids of managed instances.
const managedPrefix = "mi-"

// ManagedID reports whether id is the id of a managed instance.
func ManagedID(id string) bool { return strings.HasPrefix(id, managedPrefix) }

// Managed has the fields that only a managed instance has: a host outside ECS with a registered agent. Such an [Instance] has
// no status, zone, type or VPC, and its OSName is used as the OsVersion.
type Managed struct {
	MachineId        string // at most 36 characters
	ActivationId     string // of the activation that the instance was registered with
	RegistrationTime string
	IntranetIp       string
	InternetIp       string
	Enrolment        *Enrolment `json:",omitempty"` // nil if it is not a real host
}

// nextManaged returns a function that makes managed instances. All of them are registered with the same activation, which is
// given by its number.
func (g *instanceGenerator) nextManaged(activation int) func(name string) Instance {
	registered := assist.FormatTime(time.Now())
	return func(name string) Instance {
		g.managed++
		n := g.managed
		it := Instance{Online: true, AgentVersion: agentVersion, Managed: &Managed{
			MachineId:        fmt.Sprintf("6c616200-0000-4000-9000-%012x", n),
			ActivationId:     fmt.Sprintf("6c616200-0000-4000-a000-%012x", activation),
			RegistrationTime: registered,
			IntranetIp:       fmt.Sprintf("172.%d.%d.%d", 16+n>>16&15, n>>8&255, n&255),
		}}
		it.InstanceId = fmt.Sprintf("%slab%05d", managedPrefix, n)
		it.InstanceName, it.HostName = name, name
		it.OSType, it.OSName = g.template.OSType, g.template.OSName
		it.OSNameEn = it.OSName
		return it
	}
}

func (h *host) isManaged() bool { return h.get().Managed != nil }

// managedStatus returns a managed instance as DescribeManagedInstances describes it.
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
