package lab

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// maxLatency is less than the time after which the service gives up a delivery.
const maxLatency = 30 * time.Second

// noAgent is the version for an instance without an agent.
const noAgent = "none"

// group is a group of a fleet file: instances that are the same except for their numbers.
type group struct {
	line         int
	name         string
	count        int
	id           string // of its first instance, from which the others count on; empty for the next number
	instanceName string // of its only instance; empty for a numbered one
	hostName     string // of its only instance; empty for its name
	tags         []assist.TagPair
	region       string // empty for the region of the file
	zone         string // a letter; empty for any zone
	windows      bool
	agent        string
	shell        runner.Shell
	noHome       bool
	online       bool
	status       string
	latency      time.Duration
	instanceType string
	classic      bool

	simulation *Simulation
	managed    bool
}

var (
	groupNamePattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$`) })
	zonePattern         = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]$`) })
	agentVersionPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+(\.\d+){1,4}$`) })
	instanceTypePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ecs\.[a-z0-9-]+\.[a-z0-9-]+$`) })
)

func readGroup(n *yaml.Node) (*group, error) {
	n = dereference(n)
	g := &group{line: n.Line, count: 1, agent: agentVersion, online: true, status: "Running"}
	word := func(into *string, allowed func(string) bool, want string) func(*yaml.Node) error {
		return func(n *yaml.Node) (err error) {
			*into, err = readWord(n, allowed, want)
			return err
		}
	}
	oneOf := func(set func(string), words ...string) func(*yaml.Node) error {
		return func(n *yaml.Node) error {
			text, err := readOneOf(n, words...)
			set(text)
			return err
		}
	}
	err := readMap(n, map[string]func(*yaml.Node) error{
		"name":          word(&g.name, func(text string) bool { return groupNamePattern().MatchString(text) }, "up to 40 letters, digits and hyphens"),
		"id":            word(&g.id, instanceIDPattern().MatchString, "an id such as i-lab00001"),
		"instance_name": func(n *yaml.Node) (err error) { g.instanceName, err = readText(n); return err },
		"host_name":     func(n *yaml.Node) (err error) { g.hostName, err = readText(n); return err },
		"region":        func(n *yaml.Node) (err error) { g.region, err = readRegion(n); return err },
		"zone":          word(&g.zone, zonePattern().MatchString, "a letter such as b"),
		"type":          word(&g.instanceType, instanceTypePattern().MatchString, "an instance type such as ecs.g7.large"),
		"agent":         word(&g.agent, func(s string) bool { return s == noAgent || agentVersionPattern().MatchString(s) }, "a version such as "+agentVersion+", or none"),
		"os":            oneOf(func(s string) { g.windows = s == "windows" }, "linux", "windows"),
		"shell":         oneOf(func(s string) { g.shell = runner.Shell(s) }, string(runner.Bash), string(runner.Dash), string(runner.Busybox)),
		"home":          oneOf(func(s string) { g.noHome = s == "false" }, "true", "false"),
		"network":       oneOf(func(s string) { g.classic = s == "classic" }, "vpc", "classic"),
		"online":        oneOf(func(s string) { g.online = s == "true" }, "true", "false"),
		"status":        oneOf(func(s string) { g.status = s }, "Running", "Stopped", "Starting", "Stopping", "Pending"),
		"count":         func(n *yaml.Node) (err error) { g.count, err = readNumber(n, 1, MaxInstances); return err },
		"latency":       func(n *yaml.Node) (err error) { g.latency, err = readDuration(n, maxLatency); return err },
		"tags":          func(n *yaml.Node) (err error) { g.tags, err = readTags(n); return err },
		"managed":       oneOf(func(s string) { g.managed = s == "true" }, "true", "false"),
		"simulate":      func(n *yaml.Node) (err error) { g.simulation, err = readSimulation(n); return err },
	})
	if err == nil && g.name == "" {
		err = errorAt(n, "the group has no name")
	}
	if err == nil && g.windows && g.shell != "" {
		err = errorAt(n, "shell: not allowed for Windows")
	}
	if err == nil && g.windows && g.noHome {
		err = errorAt(n, "home: false is not allowed for Windows")
	}
	if err == nil {
		err = g.checkSingle(n)
	}
	if err == nil && g.managed {
		err = refuseECSKeys(n)
	}
	return g, err
}

// checkSingle returns an error if the group has keys that are only for one instance, and has several instances or an id of the other kind.
func (g *group) checkSingle(n *yaml.Node) error {
	if g.count > 1 {
		for _, key := range []string{"instance_name", "host_name"} {
			if keyNode(n, key) != nil {
				return atKey(n, key, "not allowed for a group of several instances")
			}
		}
		if g.id != "" && !instanceIDPattern().MatchString(countOn(g.id, g.count-1)) {
			return atKey(n, "id", "%q: a group of several instances needs an id that ends in a number, such as i-lab00001", g.id)
		}
	}
	if g.id != "" && ManagedID(g.id) != g.managed {
		return atKey(n, "id", "%q: ids begin with %s if, and only if, the instance is managed", g.id, managedPrefix)
	}
	return nil
}

// refuseECSKeys returns an error if n, a group of managed instances, has a key that is only for ECS instances.
func refuseECSKeys(n *yaml.Node) error {
	for i := 0; i < len(n.Content); i += 2 {
		switch key, value := n.Content[i], dereference(n.Content[i+1]).Value; {
		case slices.Contains([]string{"network", "status", "type", "zone"}, key.Value):
			return errorAt(key, "%s: not allowed for managed instances", key.Value)
		case key.Value == "agent" && value == noAgent:
			return errorAt(key, "agent: %s is not allowed for managed instances", noAgent)
		}
	}
	return nil
}

// readTags reads a map of words, such as tags, in its order.
func readTags(n *yaml.Node) (tags []assist.TagPair, err error) {
	if n = dereference(n); n.Kind != yaml.MappingNode {
		return nil, errorAt(n, "want a map such as {env: prod}")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, err := readText(n.Content[i])
		if err != nil {
			return nil, err
		}
		if key == "" || seen[key] {
			return nil, errorAt(n.Content[i], "invalid tag key %q: want keys that are not empty and not repeated", key)
		}
		seen[key] = true
		value, err := readText(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		tags = append(tags, assist.TagPair{TagKey: key, TagValue: value})
	}
	return tags, nil
}

// configure applies the settings of the group to an instance.
func (g *group) configure(it *Instance, n int, region string) {
	it.InstanceId, it.InstanceName = cmp.Or(countOn(g.id, n), it.InstanceId), cmp.Or(g.instanceName, it.InstanceName)
	it.HostName = cmp.Or(g.hostName, it.InstanceName)
	it.Tags.Tag, it.RegionId = g.tags, g.region
	it.Online, it.Latency, it.Simulation, it.Shell, it.NoHome = g.online, g.latency, g.simulation, g.shell, g.noHome
	if it.AgentVersion = g.agent; g.agent == noAgent {
		it.AgentVersion = ""
	}
	if g.windows {
		it.OSType, it.OSName, it.OSNameEn = "windows", "Windows Server of the lab", "Windows Server of the lab"
	}
	if g.managed {
		return
	}
	it.Status = g.status
	if g.zone != "" {
		it.ZoneId = region + "-" + g.zone
	}
	if g.status == "Stopped" {
		it.StoppedMode = "KeepCharging"
	}
	if g.instanceType != "" { // the lab does not know the CPUs and memory of this type
		it.InstanceType, it.InstanceTypeFamily, it.Cpu, it.Memory = g.instanceType, g.instanceType[:strings.LastIndex(g.instanceType, ".")], 0, 0
	}
	if g.classic {
		it.InstanceNetworkType = "classic"
		it.InnerIpAddress.IpAddress = it.VpcAttributes.PrivateIpAddress.IpAddress
		it.VpcAttributes = assist.VpcAttributes{}
	}
}
