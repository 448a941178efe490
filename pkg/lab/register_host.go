package lab

import (
	"cmp"
	"crypto/rand"
	"net/netip"
	"strings"

	"muster/pkg/assist"
)

// The reasons of a [RegistrationError].
const (
	ActivationUnknown        = "ActivationId.NotFound"
	ActivationCodeWrong      = "ActivationCode.Invalid"
	ActivationDisabled       = "ActivationCode.Disabled"
	ActivationExpired        = "ActivationCode.Expired"
	ActivationUsedUp         = "ActivationCode.ExceedLimit"
	ActivationAddressRefused = "AddressRange.NotMatched"
)

// RegistrationError reports that an activation does not allow a host to register.
type RegistrationError struct {
	Code string // one of the reasons
	Text string
}

func (e *RegistrationError) Error() string { return e.Text }

// HostRegistration has the data with which a host outside ECS is registered as a managed instance.
type HostRegistration struct {
	ActivationId   string
	ActivationCode string
	RegionId       string     // empty for the first one of the lab
	Remote         netip.Addr // where the host connects from

	// Instance has the HostName, OSType, OSName, AgentVersion and tags of the host, and in Managed its MachineId and IntranetIp. An
	// InstanceName is a prefix, and has precedence over that of the activation. The lab sets all other fields of the API.
	Instance Instance
}

// registerHost is like RegisterHost. It calls prepare before calls of the API see the new instance.
func registerHost(l *Lab, r HostRegistration, prepare func(*host)) (*host, error) {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	s := siteAt(l, cmp.Or(r.RegionId, l.own.region))
	h, err := atomically(l.storage, func() (*host, error) {
		now := l.clock.Now()
		a, err := s.activations.use(r.ActivationId, r.ActivationCode, r.Remote, now)
		if err != nil {
			return nil, err
		}
		it := r.Instance
		managed := *it.Managed
		managed.ActivationId, managed.RegistrationTime = a.ActivationId, assist.FormatTime(now)
		if r.Remote.IsValid() {
			managed.InternetIp = cmp.Or(managed.InternetIp, r.Remote.Unmap().WithZone("").String())
		}
		it.Managed, it.InstanceId, it.RegionId = &managed, newManagedID(s.region), s.region
		it.InstanceName = cmp.Or(a.nameOf(cmp.Or(it.InstanceName, a.InstanceName), it.HostName), it.InstanceId)
		it.HostName, it.OSType = cmp.Or(it.HostName, it.InstanceName), cmp.Or(it.OSType, "linux")
		it.OSNameEn, it.ResourceGroupId = cmp.Or(it.OSNameEn, it.OSName), a.ResourceGroupId
		return s.inventory.join(it, l.storage, prepare)
	})
	if err != nil {
		return nil, err
	}
	l.faults.applyToInstances([]*host{h})
	return h, l.storage.Flush()
}

// newManagedID returns the id of a new managed instance, such as mi-hz018jrc1o0fqjk3r5c.
func newManagedID(region string) string {
	return managedPrefix + regionMark(region) + "0" + strings.ToLower(rand.Text()[:18])
}
