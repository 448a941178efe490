package lab

import (
	"bufio"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
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
func Fleet(n int) []Instance {
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

// fleet is the instances of a region, in the order in which they were given.
type fleet struct {
	hosts     []*host // all of them
	ecs       []*host
	managed   []*host
	byID      map[string]*host
	inventory inventory
}

// instanceID is what may be an instance's id, which is a directory's name too.
var instanceID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

func newFleet(region string, instances []Instance, seeds seeds) (*fleet, error) {
	f := &fleet{byID: make(map[string]*host, len(instances))}
	var all []*Instance
	for i, it := range instances {
		id := it.InstanceId
		switch {
		case !instanceID().MatchString(id):
			return nil, fmt.Errorf("instance %q: its id is not one", id)
		case f.byID[id] != nil:
			return nil, fmt.Errorf("instance %q: there are two of them", id)
		case it.RegionId != "" && it.RegionId != region:
			return nil, fmt.Errorf("instance %q: it is in %s, the lab in %s", id, it.RegionId, region)
		case ManagedID(id) != (it.Managed != nil):
			return nil, fmt.Errorf("instance %q: the ids of managed instances, and no others, begin with %s", id, managedPrefix)
		}
		it.RegionId = region
		if it.Managed == nil {
			it.ZoneId = cmp.Or(it.ZoneId, region+"-"+string(rune('a'+i%3)))
			it.Status = cmp.Or(it.Status, "Running")
		}
		it.InstanceName = cmp.Or(it.InstanceName, id)
		it.HostName = cmp.Or(it.HostName, it.InstanceName)
		it.OSType = cmp.Or(it.OSType, "linux")
		it.Simulation = seeds.give(it.Simulation)
		h := newHost(&f.inventory, it)
		all = append(all, h.instance)
		f.hosts = append(f.hosts, h)
		f.byID[id] = h
		if it.Managed == nil {
			f.ecs = append(f.ecs, h)
		} else {
			f.managed = append(f.managed, h)
		}
	}
	assist.FillLists(&all) // now, for answers share what is inside of them
	return f, nil
}

// resolve gives the hosts of a call: those that are named, each once, or those that bear all of the tags.
func (f *fleet) resolve(ids []string, tags []assist.Tag, most int) ([]*host, error) {
	if len(tags) > 0 {
		return f.tagged(tags, most)
	}
	var hosts []*host
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		h, ok := f.byID[id]
		if !ok {
			return nil, unknownInstance(id)
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// tagged takes an empty value literally, unlike the filters of the Describe actions: a script should rather reach too few
// instances than too many. It finds ECS instances only: whether the service's ResourceTag finds managed instances is unknown.
func (f *fleet) tagged(tags []assist.Tag, most int) ([]*host, error) {
	var s search
	for _, tag := range tags {
		s.conditions = append(s.conditions, tagConditions(assist.TagFilter{Key: tag.Key, Value: &tag.Value})...)
	}
	found, paged := f.inventory.page(page{size: most, number: 1}, s, nil)
	switch {
	case len(found) == 0:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidResourceTag.InstanceNotFound", "InstanceIds are not found by the specified ResourceTag.")
	case paged.TotalCount > int64(most):
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit", fmt.Sprintf(
			"The number of instance IDs exceeds the upper limit: the specified ResourceTag finds %d, at most %d.", paged.TotalCount, most))
	}
	hosts := make([]*host, len(found))
	for i, it := range found {
		hosts[i] = f.byID[it.InstanceId]
	}
	return hosts, nil
}

func unknownInstance(id string) error {
	return assist.Refusal(http.StatusNotFound, "InvalidInstance.NotFound", "The specified instance does not exist: "+id+".")
}

// accepts tells why an instance cannot be sent a command of a type, or nil.
func (it *Instance) accepts(commandType string) error {
	if err := it.reachable(); err != nil {
		return err
	}
	if windows := commandType != "RunShellScript"; windows != it.windows() {
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NotMatch", fmt.Sprintf(
			"The specified instance type does not match the command: %s is %s, the command %s.", it.InstanceId, it.OSType, commandType))
	}
	return nil
}

// reachable tells why an instance cannot be sent anything, or nil.
func (it *Instance) reachable() error {
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
