package agents

import (
	"context"
	"crypto/rsa"
	"net/netip"
	"time"
)

// Lab is the lab behind a [Server]. Its methods are safe for concurrent use. What they have returned without an
// error is durable.
type Lab interface {
	// Register registers a host and returns the id of its new instance. The error is a [*RefusedError] if the activation does not
	// allow it.
	Register(ctx context.Context, r Registration) (instanceID string, err error)

	// Deregister removes a registered host at its own request.
	Deregister(ctx context.Context, instanceID string) error

	// Identity returns what proves the identity of a registered host. ok is false for an unknown instance.
	Identity(instanceID string) (identity Identity, ok bool)

	// Heartbeat notes a heartbeat of a registered host.
	Heartbeat(instanceID string, h Heartbeat)

	// Connected notes that the channel of a registered host was opened or closed.
	Connected(instanceID string, connected bool)

	// Tasks returns what a registered host has to do. With [ListRequest.Startup], the list includes every schedule of the host.
	Tasks(ctx context.Context, instanceID string, r ListRequest) (List, error)

	// Report notes what a registered host reports of a task or a file. Reports may arrive twice, late, out of order, or for a task
	// that is not of this host; none of these is an error.
	Report(ctx context.Context, instanceID string, r Report) error
}

// RefusedError reports that a host may not register. Its text is shown to whoever registers the host.
type RefusedError struct {
	Code string // of the API's style, such as ActivationCode.Expired
	Text string
}

// Error returns the text.
func (e *RefusedError) Error() string { return e.Text }

// Registration has the data with which a host registers.
type Registration struct {
	ActivationId   string
	ActivationCode string
	RegionId       string
	InstanceName   string // empty: named after Hostname
	Hostname       string
	MachineId      string
	Fingerprint    string // empty for builds before 2.2.3.631
	IntranetIp     string // empty if unknown
	Remote         netip.Addr
	OsType         string // linux, windows or freebsd
	OsVersion      string
	AgentVersion   string
	PublicKey      []byte // PKIX, ASN.1 DER, of an RSA key
	Tags           []Tag
}

// Tag is a tag that a host has from its registration.
type Tag struct{ Key, Value string }

// Identity has the proof of the identity of a registered host: its key, and the text that it signs, which is MachineId or Fingerprint,
// depending on its build.
type Identity struct {
	MachineId   string
	Fingerprint string
	PublicKey   *rsa.PublicKey
}

// Heartbeat has the data of a heartbeat. OsVersion and ColdStart come with the first one after the start of an agent.
type Heartbeat struct {
	AgentVersion string // of the User-Agent header
	First        bool
	ColdStart    bool // the first since the host was booted
	OsVersion    string
	Uptime       time.Duration
	Remote       netip.Addr
}

// ListRequest is the request of a host for its tasks, with the reason.
type ListRequest struct {
	Startup   bool // the agent was started
	ColdStart bool // the host was booted
	TaskId    string
	Version   string // of the agent
	TimeZone  string // of the host, such as Asia/Shanghai
}
