package lab

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
)

// maxLatency is less than the service's patience with a delivery.
const maxLatency = 30 * time.Second

// noAgent in place of a version says that no agent is installed.
const noAgent = "none"

// group is a part of a fleet file: instances that differ by their numbers only.
type group struct {
	line    int
	name    string
	count   int
	tags    []assist.TagPair
	zone    string // a letter
	windows bool
	agent   string
	online  bool
	status  string
	latency time.Duration
	kind    string
	classic bool

	simulation *Simulation
	managed    bool
}

var (
	groupName    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$`) })
	zoneLetter   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]$`) })
	agentRelease = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+(\.\d+){1,4}$`) })
	instanceType = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ecs\.[a-z0-9-]+\.[a-z0-9-]+$`) })
)

func readGroup(n *yaml.Node) (*group, error) {
	n = target(n)
	g := &group{line: n.Line, count: 1, agent: agentVersion, online: true, status: "Running"}
	word := func(into *string, allowed func(string) bool, want string) func(*yaml.Node) error {
		return func(n *yaml.Node) (err error) {
			*into, err = readWord(n, allowed, want)
			return err
		}
	}
	one := func(put func(string), words ...string) func(*yaml.Node) error {
		return func(n *yaml.Node) error {
			text, err := readOneOf(n, words...)
			put(text)
			return err
		}
	}
	err := readMap(n, map[string]func(*yaml.Node) error{
		"name":     word(&g.name, func(text string) bool { return groupName().MatchString(text) }, "up to 40 letters, digits and hyphens"),
		"zone":     word(&g.zone, zoneLetter().MatchString, "a letter such as b"),
		"type":     word(&g.kind, instanceType().MatchString, "an instance type such as ecs.g7.large"),
		"agent":    word(&g.agent, func(s string) bool { return s == noAgent || agentRelease().MatchString(s) }, "a version such as "+agentVersion+", or none"),
		"os":       one(func(s string) { g.windows = s == "windows" }, "linux", "windows"),
		"network":  one(func(s string) { g.classic = s == "classic" }, "vpc", "classic"),
		"online":   one(func(s string) { g.online = s == "true" }, "true", "false"),
		"status":   one(func(s string) { g.status = s }, "Running", "Stopped", "Starting", "Stopping", "Pending"),
		"count":    func(n *yaml.Node) (err error) { g.count, err = readNumber(n, 1, MaxInstances); return err },
		"latency":  func(n *yaml.Node) (err error) { g.latency, err = readDuration(n, maxLatency); return err },
		"tags":     g.readTags,
		"managed":  one(func(s string) { g.managed = s == "true" }, "true", "false"),
		"simulate": func(n *yaml.Node) (err error) { g.simulation, err = readSimulation(n); return err },
	})
	if err == nil && g.name == "" {
		err = at(n, errors.New("a group wants a name"))
	}
	if err == nil && g.managed {
		err = refuseECSKeys(n)
	}
	return g, err
}

// refuseECSKeys returns an error if the group of managed instances n has a key that only ECS instances can have.
func refuseECSKeys(n *yaml.Node) error {
	for i := 0; i < len(n.Content); i += 2 {
		switch key, value := n.Content[i], target(n.Content[i+1]).Value; {
		case slices.Contains([]string{"network", "status", "type", "zone"}, key.Value):
			return wrong(key, "%s: a managed instance has none", key.Value)
		case key.Value == "agent" && value == noAgent:
			return wrong(key, "agent: a managed instance always has one")
		}
	}
	return nil
}

func (g *group) readTags(n *yaml.Node) error {
	if n = target(n); n.Kind != yaml.MappingNode {
		return wrong(n, "want keys and values, such as {env: prod}")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, err := readText(n.Content[i])
		if err != nil {
			return err
		}
		if key == "" || seen[key] {
			return wrong(n.Content[i], "%q: a tag's key is not empty, and is there once", key)
		}
		seen[key] = true
		value, err := readText(n.Content[i+1])
		if err != nil {
			return err
		}
		g.tags = append(g.tags, assist.TagPair{TagKey: key, TagValue: value})
	}
	return nil
}

// shape makes an instance one of the group.
func (g *group) shape(it *Instance, region string) {
	it.Tags.Tag = g.tags
	it.Online, it.Latency, it.Simulation = g.online, g.latency, g.simulation
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
	if g.kind != "" { // how many processors that has, the lab does not know
		it.InstanceType, it.InstanceTypeFamily, it.Cpu, it.Memory = g.kind, g.kind[:strings.LastIndex(g.kind, ".")], 0, 0
	}
	if g.classic {
		it.InstanceNetworkType = "classic"
		it.InnerIpAddress.IpAddress = it.VpcAttributes.PrivateIpAddress.IpAddress
		it.VpcAttributes = assist.VpcAttributes{}
	}
}
