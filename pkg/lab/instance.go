package lab

import (
	"bufio"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
)

// Instance is a machine of the lab.
type Instance struct {
	assist.Instance
	Online       bool          // whether its agent sends heartbeats
	AgentVersion string        // empty where no agent is installed
	Latency      time.Duration // how long a delivery is on its way
	Simulation   *Simulation   `json:",omitempty"` // how it acts as if it ran scripts; nil: it does run them
	Managed      *Managed      `json:",omitempty"` // what is particular to a host outside ECS; nil for an ECS instance
}

// Fleet makes n Linux instances that are Running and online: i-lab00001 and so on, with the tags env=lab, role=web, db or
// job by turns, and index=1 to n.
func NumberedInstances(n int) []Instance {
	m := newMaker()
	instances := make([]Instance, n)
	for i := range instances {
		it := m.next(numbered("lab", i+1, n))
		it.Tags.Tag = []assist.TagPair{
			{TagKey: "env", TagValue: "lab"},
			{TagKey: "role", TagValue: []string{"web", "db", "job"}[i%3]},
			{TagKey: "index", TagValue: strconv.Itoa(i + 1)},
		}
		instances[i] = it
	}
	return instances
}

func numbered(name string, number, of int) string {
	return fmt.Sprintf("%s-%0*d", name, max(3, len(strconv.Itoa(of))), number)
}

// maker makes instances, each with an id and an address of its own.
type maker struct {
	made    int
	managed int
	model   assist.Instance
	now     time.Time
}

func newMaker() *maker { return &maker{model: model(), now: time.Now()} }

func (m *maker) next(name string) Instance {
	m.made++
	it := Instance{Instance: m.model, Online: true, AgentVersion: agentVersion}
	it.InstanceId = fmt.Sprintf("i-lab%05d", m.made)
	it.InstanceName, it.HostName = name, name
	it.VpcAttributes = assist.VpcAttributes{VpcId: "vpc-lab", VSwitchId: "vsw-lab"}
	it.VpcAttributes.PrivateIpAddress.IpAddress = []string{fmt.Sprintf("10.%d.%d.%d", m.made>>16&255, m.made>>8&255, m.made&255)}
	equip(&it, m.made)
	age(&it, m.made, m.now)
	return it
}

// systemName is this machine's, because it is what scripts find.
func systemName() string {
	const unknown = "Muster Lab 1.0 64 bit"
	f, err := os.Open("/etc/os-release")
	if err != nil {
		return unknown
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); ok {
			return cmp.Or(strings.Trim(name, `"'`), unknown)
		}
	}
	return unknown
}

// accepts tells why an instance cannot be sent a command of a type, or nil.
func (it *Instance) checkAccepts(commandType string) error {
	if err := it.checkReachable(); err != nil {
		return err
	}
	if windows := commandType != "RunShellScript"; windows != it.windows() {
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NotMatch", fmt.Sprintf(
			"The specified instance type does not match the command: %s is %s, the command %s.", it.InstanceId, it.OSType, commandType))
	}
	return nil
}

// reachable tells why an instance cannot be sent anything, or nil.
func (it *Instance) checkReachable() error {
	switch {
	case !it.running():
		return assist.Refusal(http.StatusBadRequest, "InvalidInstanceStatus", fmt.Sprintf(
			"The specified instance's status can not execute this operation: %s is %s.", it.InstanceId, it.Status))
	case it.InstanceNetworkType == "classic":
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NotVpc", "The specified instances must be VPC instances: "+it.InstanceId+".")
	case it.AgentVersion == "":
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NoClient",
			"The specified instances have no cloud assistant client installed: "+it.InstanceId+".")
	}
	return nil
}

func (it *Instance) windows() bool { return strings.EqualFold(it.OSType, "windows") }

// running reports whether the machine is up. A managed instance has no status: the service knows no more of it than
// whether its agent is connected, so the lab takes the machine to be up.
func (it *Instance) running() bool { return it.Managed != nil || it.Status == "Running" }

// connected tells whether the service can reach the agent.
func (it *Instance) connected() bool {
	return it.Online && it.running() && it.AgentVersion != ""
}
