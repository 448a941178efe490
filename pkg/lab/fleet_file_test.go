//go:build unix

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"muster/pkg/assist"

	"github.com/google/go-cmp/cmp"
)

func readFleetText(text string) (*FleetFile, error) {
	return ReadFleet(strings.NewReader(text), "f.yaml", "cn-hangzhou")
}

func TestFleetFile(t *testing.T) {
	file, err := readFleetText(`
region: cn-beijing
groups:
  - {name: web, count: 2, tags: &tags {env: prod, n: 1}, zone: b, latency: 20ms, type: ecs.g7.large}
  - {name: win, os: windows, agent: "2.1.3.1", online: false, tags: *tags}
  - {name: old, status: Stopped, agent: none, network: classic}
  - {name: edge, managed: true, count: 2, online: false, os: windows, agent: 2.2.3.1, tags: *tags}
  - {name: box, managed: true}
faults: [RunCommand=Throttling*2, task=DeliveryTimeout]
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range file.Instances {
		got = append(got, fmt.Sprintln(it.InstanceId, it.InstanceName, it.ZoneId, it.OSType, it.AgentVersion, it.Online, it.Status, it.Latency,
			it.InstanceTypeFamily, it.InstanceNetworkType, len(it.VpcAttributes.PrivateIpAddress.IpAddress), it.Tags.Tag))
	}
	want := []string{
		fmt.Sprintln("i-lab00001", "web-001", "cn-beijing-b", "linux", agentVersion, true, "Running", 20*time.Millisecond, "ecs.g7", "vpc", 1, "[{env prod} {n 1}]"),
		fmt.Sprintln("i-lab00002", "web-002", "cn-beijing-b", "linux", agentVersion, true, "Running", 20*time.Millisecond, "ecs.g7", "vpc", 1, "[{env prod} {n 1}]"),
		fmt.Sprintln("i-lab00003", "win-001", "", "windows", "2.1.3.1", false, "Running", 0*time.Second, "ecs.e", "vpc", 1, "[{env prod} {n 1}]"),
		fmt.Sprintln("i-lab00004", "old-001", "", "linux", "", true, "Stopped", 0*time.Second, "ecs.e", "classic", 0, "[]"),
		fmt.Sprintln("mi-lab00001", "edge-001", "", "windows", "2.2.3.1", false, "", 0*time.Second, "", "", 0, "[{env prod} {n 1}]"),
		fmt.Sprintln("mi-lab00002", "edge-002", "", "windows", "2.2.3.1", false, "", 0*time.Second, "", "", 0, "[{env prod} {n 1}]"),
		fmt.Sprintln("mi-lab00003", "box-001", "", "linux", agentVersion, true, "", 0*time.Second, "", "", 0, "[]"),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if file.Region != "cn-beijing" || fmt.Sprint(file.Faults) != "[RunCommand=Throttling*2 task=DeliveryTimeout]" {
		t.Errorf("%s, %v", file.Region, file.Faults)
	}
	if other, err := readFleetText("groups: [{name: x}]"); err != nil || other.Region != "cn-hangzhou" || len(other.Instances) != 1 {
		t.Errorf("%+v, %v", other, err)
	}
}

// TestGroupIDs checks that the instances of a group count on from its id, and that groups of two regions can have the same name.
func TestGroupIDs(t *testing.T) {
	file, err := readFleetText("groups:\n- {name: a, count: 3, id: i-x-098}\n- {name: a, count: 2, region: cn-beijing, id: i-99999999999999999999}\n- {name: b}")
	if err == nil {
		t.Errorf("%+v", file.Instances)
	}
	file, err = readFleetText("groups:\n- {name: a, count: 3, id: i-x-098}\n- {name: a, count: 2, region: cn-beijing, id: i-9}\n- {name: b}")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range file.Instances {
		got = append(got, it.InstanceId+" "+it.InstanceName)
	}
	want := []string{"i-x-098 a-001", "i-x-099 a-002", "i-x-100 a-003", "i-9 a-001", "i-10 a-002", "i-lab00006 b-001"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFleetFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":               "f.yaml: no YAML document",
		"groups: []":     "f.yaml: no groups: want at least one, such as groups: [{name: web, count: 20}]",
		"a: [":           "f.yaml:1: did not find expected node content",
		"- x":            "f.yaml:1: want a map with the keys commands, faults, groups, invocations, region",
		"\nregoin: x":    `f.yaml:2: unknown key "regoin": did you mean region?`,
		"region: mars-1": `f.yaml:1: region: "mars-1": want a region such as cn-hangzhou`,
		"groups: 5":      "f.yaml:1: groups: want a list",
		"groups:\n- {name: a}\n- {name: b}\n- {name: a}":                `f.yaml:4: duplicate group "a", already defined in line 2`,
		"groups:\n- {name: a}\n- {name: a, region: cn-hangzhou}":        `f.yaml:3: duplicate group "a", already defined in line 2`,
		"groups:\n- name: a\n  name: b":                                 `f.yaml:3: groups: duplicate key "name"`,
		"groups:\n- count: 2":                                           "f.yaml:2: groups: the group has no name",
		"groups:\n- {name: a, colour: red}":                             `f.yaml:2: groups: unknown key "colour": want agent, count, home, host_name, id, instance_name, latency, managed, name, network, online, os, region, shell, simulate, status, tags, type, zone`,
		"groups:\n- {name: a_b}":                                        `f.yaml:2: groups: name: "a_b": want up to 40 letters, digits and hyphens`,
		"groups:\n- {name: a, count: 0}":                                `f.yaml:2: groups: count: "0": want a number from 1 to 100000`,
		"groups:\n- {name: a, count: many}":                             `f.yaml:2: groups: count: "many": want a number from 1 to 100000`,
		"groups:\n- {name: a, count: 60000}\n- {name: b, count: 60000}": "f.yaml:3: too many instances: 120000 up to this group, at most 100000",
		"groups:\n- {name: a, os: plan9}":                               `f.yaml:2: groups: os: "plan9": want linux or windows`,
		"groups:\n- {name: a, online: maybe}":                           `f.yaml:2: groups: online: "maybe": want true or false`,
		"groups:\n- {name: a, status: running}":                         `f.yaml:2: groups: status: "running": did you mean Running?`,
		"groups:\n- {name: a, latency: soon}":                           `f.yaml:2: groups: latency: "soon": want a duration such as 20ms, at most 30s`,
		"groups:\n- {name: a, latency: 2m}":                             `f.yaml:2: groups: latency: "2m": want a duration such as 20ms, at most 30s`,
		"groups:\n- {name: a, managed: yes}":                            `f.yaml:2: groups: managed: "yes": want true or false`,
		"groups:\n- zone: b\n  name: a\n  managed: true":                "f.yaml:2: groups: zone: not allowed for managed instances",
		"groups:\n- name: a\n  managed: true\n  status: Stopped":        "f.yaml:4: groups: status: not allowed for managed instances",
		"groups:\n- {name: a, managed: true, type: ecs.g7.large}":       "f.yaml:2: groups: type: not allowed for managed instances",
		"groups:\n- {name: a, managed: true, network: vpc}":             "f.yaml:2: groups: network: not allowed for managed instances",
		"groups:\n- name: a\n  agent: none\n  managed: true":            "f.yaml:3: groups: agent: none is not allowed for managed instances",
		"groups:\n- {name: a, agent: new}":                              `f.yaml:2: groups: agent: "new": want a version such as 2.2.3.857, or none`,
		"groups:\n- {name: a, zone: 1}":                                 `f.yaml:2: groups: zone: "1": want a letter such as b`,
		"groups:\n- {name: a, type: large}":                             `f.yaml:2: groups: type: "large": want an instance type such as ecs.g7.large`,
		"groups:\n- {name: a, network: }":                               "f.yaml:2: groups: network: want a single value",
		"groups:\n- {name: a, tags: [x]}":                               "f.yaml:2: groups: tags: want a map such as {env: prod}",
		"groups:\n- {name: a, tags: {x: 1, x: 2}}":                      `f.yaml:2: groups: tags: invalid tag key "x": want keys that are not empty and not repeated`,
		"groups: [{name: a}]\nfaults:\n- RunCommand=Nonsense":           `f.yaml:3: faults: fault "RunCommand=Nonsense": unknown code Nonsense`,
		"groups: [{name: a}]\nfaults:\n- RunCommand=Throtling":          `f.yaml:3: faults: fault "RunCommand=Throtling": unknown code Throtling: did you mean Throttling?`,
		"groups: [{name: a}]\nfaults:\n- task=hang\n- i-lab2=offline":   `f.yaml:4: faults: fault "i-lab2=offline": the lab has no such instance`,
		"groups:\n\t- {name: a}":                                        "f.yaml:2: indented with a tab: want spaces",
		"groups: [{name: a}]\nfaults:\n- [x]":                           "f.yaml:3: faults: want a single value",
		"groups:\n- {name: a, id: x y}":                                 `f.yaml:2: groups: id: "x y": want an id such as i-lab00001`,
		"groups:\n- {name: a, id: mi-x}":                                `f.yaml:2: groups: id: "mi-x": ids begin with mi- if, and only if, the instance is managed`,
		"groups:\n- {name: a, managed: true, id: i-x}":                  `f.yaml:2: groups: id: "i-x": ids begin with mi- if, and only if, the instance is managed`,
		"groups:\n- {name: a, count: 2, host_name: x}":                  "f.yaml:2: groups: host_name: not allowed for a group of several instances",
		"groups:\n- {name: a, count: 2, id: i-x}":                       `f.yaml:2: groups: id: "i-x": a group of several instances needs an id that ends in a number, such as i-lab00001`,
		"groups:\n- {name: a, count: 3, id: i-1}\n- {name: b, id: i-3}": `f.yaml:3: duplicate instance id "i-3"`,
		"groups:\n- {name: a, id: i-lab00002}\n- {name: b}":             `f.yaml:3: duplicate instance id "i-lab00002"`,
		"groups: [{name: a}]\n---\ngroups: [{name: b}]":                 "f.yaml: more than one YAML document",
		"# " + strings.Repeat("x", maxFleetFileSize):                    "f.yaml: the file is larger than 64 MiB",
	} {
		_, err := readFleetText(text)
		if got, ok := errors.AsType[*FleetFileError](err); !ok || got.Error() != want {
			t.Errorf("%.60q:\n%v\nwant\n%s", text, err, want)
		}
	}
	broken := errors.New("broken")
	if _, err := ReadFleet(iotest.ErrReader(broken), "f.yaml", ""); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestLatency(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		b.change(1, func(it *Instance) { it.Latency = 20 * time.Second })
		r := shell("true")
		r.InstanceId = append(r.InstanceId, nth(2))
		id := b.must(r).(*assist.RunCommandResponse).InvokeId
		b.after(19 * time.Second)
		if it := b.describe(id).InvokeInstances.InvokeInstance; it[0].InvocationStatus != "Pending" || it[1].InvocationStatus != "Success" {
			t.Errorf("%+v", it)
		}
		b.after(2 * time.Second)
		b.want(id, "Success Finished Success 1")
		id = b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		b.after(time.Second)
		b.stop(id)
		b.want(id, "Stopped Stopped Cancelled 0")
	})
}

// TestFleetFileInTheGuide starts a lab with the fleet file in docs/lab.md.
func TestFleetFileInTheGuide(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "lab.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "\n## A fleet file\n")
	_, rest, found := strings.Cut(section, "```yaml\n")
	example, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatal("the guide has no example")
	}
	file, err := readFleetText(example)
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, newLab(t, Options{Region: file.Region, Instances: file.Instances, Faults: file.Faults}))
	for _, want := range []string{"400 Throttling.User", "400 Throttling.User"} {
		_, err := b.RunCommand(t.Context(), shell("true"))
		wantRefused(t, err, want)
	}
	r := shell("true")
	r.InstanceId = []string{nth(1), nth(21)}
	inv := b.settle(b.submit(r))
	if len(file.Instances) != 27 || inv.InvocationStatus != "PartialFailed" {
		t.Errorf("%d instances, %s", len(file.Instances), inv.InvocationStatus)
	}
}

func FuzzReadFleet(f *testing.F) {
	f.Add("groups: [{name: web, count: 2, tags: {env: prod}, latency: 20ms}]\nfaults: [RunCommand=Throttling]")
	f.Add("groups: [{name: box, managed: true, online: false}, {name: web, zone: b, managed: false}]")
	f.Add("groups: [{name: web}]\ncommands: [{id: c-x, name: x, content: a}]\ninvocations: [{command: x, instances: web, exit: 2, output_base64: AAE=}]")
	f.Add("groups: [{name: web, count: 2}]\ninvocations: [{content: a, instances: web, frequency: rate(1h), results: [{instances: [web-001], repeats: 3}]}]")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		if file, err := readFleetText(text); err == nil {
			if _, err := newInventory(file.Region, file.Instances, newSeeds(0)); err != nil {
				t.Error(err)
			}
			newStore().addPreset(file.Preset)
		}
	})
}
