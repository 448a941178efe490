package lab

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// Enrolment has the proof of the identity of an enrolled host: a managed instance that is a real machine with an official agent.
type Enrolment struct {
	MachineId   string
	Fingerprint string `json:",omitempty"`
	PublicKey   []byte // PKIX, ASN.1 DER, RSA
}

// identity returns what the protocol of agents needs to know of it. ok is false if the key cannot be read.
func (e *Enrolment) identity() (identity protocol.Identity, ok bool) {
	key, err := x509.ParsePKIXPublicKey(e.PublicKey)
	if err != nil {
		return protocol.Identity{}, false
	}
	public, ok := key.(*rsa.PublicKey)
	return protocol.Identity{MachineId: e.MachineId, Fingerprint: e.Fingerprint, PublicKey: public}, ok
}

// enrolledHosts is the lab as the agents of enrolled hosts know it.
type enrolledHosts struct{ *Lab }

var _ protocol.Lab = enrolledHosts{}

// Identity returns what proves the identity of a host.
func (l enrolledHosts) Identity(instanceID string) (identity protocol.Identity, ok bool) {
	defer l.enter(false)()
	h := enrolledHostOf(l.Lab, instanceID)
	if h == nil {
		h = l.leaving.get(instanceID)
	}
	if h == nil {
		return protocol.Identity{}, false
	}
	return h.host.get().Managed.Enrolment.identity()
}

// Heartbeat notes a heartbeat, and the version of an agent that was updated.
func (l enrolledHosts) Heartbeat(instanceID string, b protocol.Heartbeat) {
	defer l.enter(false)()
	h := enrolledHostOf(l.Lab, instanceID)
	if h == nil {
		return
	}
	h.mu.Lock()
	h.heartbeat = time.Now()
	h.mu.Unlock()
	if it := h.host.get(); b.AgentVersion != "" && b.AgentVersion != it.AgentVersion {
		h.host.set(func(it *Instance) { it.AgentVersion = b.AgentVersion })
	}
}

// Connected notes that the channel of a host was opened or closed.
func (l enrolledHosts) Connected(instanceID string, connected bool) {
	defer l.enter(false)()
	if h := enrolledHostOf(l.Lab, instanceID); h != nil {
		h.host.set(func(it *Instance) { it.Online = connected })
		h.connected(connected)
	}
}

// Tasks returns what a host has to do.
func (l enrolledHosts) Tasks(_ context.Context, instanceID string, r protocol.ListRequest) (protocol.List, error) {
	defer l.enter(false)()
	if h := enrolledHostOf(l.Lab, instanceID); h != nil {
		list := h.list(r)
		return list, l.storage.Flush() // a task that was handed out once must not be handed out again after a crash
	}
	if h := l.leaving.get(instanceID); h != nil {
		defer kickAgent(l.Lab, instanceID, protocol.Kick{Action: protocol.KickDeregister}) // after it has stopped what it has
		return h.list(r), nil
	}
	return protocol.List{}, nil
}

// Report notes what a host reports.
func (l enrolledHosts) Report(_ context.Context, instanceID string, r protocol.Report) error {
	defer l.enter(false)()
	h := enrolledHostOf(l.Lab, instanceID)
	if h == nil {
		return nil
	}
	h.report(r)
	return l.storage.Flush()
}

// agentKicker notifies agents. It must not block.
type agentKicker interface {
	Kick(instanceID string, k protocol.Kick)
}

// connectAgents makes the lab notify agents through the server of their protocol.
func connectAgents(l *Lab, server agentKicker) { l.agentKicker.Store(&server) }

// kickAgent notifies the agent of an enrolled host, if agents are served.
func kickAgent(l *Lab, instanceID string, k protocol.Kick) {
	if server := l.agentKicker.Load(); server != nil {
		(*server).Kick(instanceID, k)
	}
}

// enrol makes a managed instance a real host.
func enrol(l *Lab, h *host) {
	id := h.get().InstanceId
	h.enrolled = newEnrolledHost(h, l.agents, func() { kickAgent(l, id, protocol.Kick{}) })
}

// enrolledHostOf returns an enrolled host, or nil.
func enrolledHostOf(l *Lab, instanceID string) *enrolledHost {
	if h := l.served.host(instanceID); h != nil {
		return h.enrolled
	}
	return nil
}

// Register registers a host with an activation.
func (l enrolledHosts) Register(_ context.Context, r protocol.Registration) (string, error) {
	it := Instance{AgentVersion: r.AgentVersion, Managed: &Managed{
		MachineId: r.MachineId, IntranetIp: r.IntranetIp, Enrolment: &Enrolment{r.MachineId, r.Fingerprint, r.PublicKey},
	}}
	it.InstanceName, it.HostName, it.OSType, it.OSName = r.InstanceName, r.Hostname, r.OsType, r.OsVersion
	for _, tag := range r.Tags {
		it.Tags.Tag = append(it.Tags.Tag, assist.TagPair{TagKey: tag.Key, TagValue: tag.Value})
	}
	h, err := registerHost(l.Lab, HostRegistration{r.ActivationId, r.ActivationCode, r.RegionId, r.Remote, it}, func(h *host) { enrol(l.Lab, h) })
	if refused, ok := errors.AsType[*RegistrationError](err); ok {
		return "", &protocol.RefusedError{Code: refused.Code, Text: refused.Text}
	}
	if err != nil {
		return "", err
	}
	return h.get().InstanceId, nil
}

// Deregister removes a host at its own request, which may be the consequence of DeregisterManagedInstance.
func (l enrolledHosts) Deregister(_ context.Context, instanceID string) error {
	if l.leaving.remove(instanceID) {
		return nil
	}
	return l.DeregisterHost(instanceID)
}
