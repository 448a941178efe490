package lab

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/duration"
)

// groupDumper finds the groups of a fleet file that make given instances.
type groupDumper struct {
	region       string                          // of the file
	usual        assist.Instance                 // what a fleet file makes of a group without keys
	ecs, managed int                             // instances so far
	places       map[string]int                  // instances so far, by region
	names        map[regionalName]bool           // of groups
	simulations  map[*Simulation]*SimulationDump // so that instances share one
}

// dumpGroups returns groups of the given instances, in their order. Instances form a group if they differ in their numbers only.
// region is that of the file.
func dumpGroups(instances []*Instance, region string) []GroupDump {
	d := &groupDumper{region: region, usual: instanceTemplate(), places: map[string]int{}, names: map[regionalName]bool{}, simulations: map[*Simulation]*SimulationDump{}}
	groups := []GroupDump{}
	for i := 0; i < len(instances); {
		g, count := d.numbered(instances[i:])
		if count == 0 {
			g, count = d.single(instances[i]), 1
		}
		d.names[regionalName{instances[i].RegionId, g.Name}] = true
		for range count {
			d.count(instances[i])
			i++
		}
		groups = append(groups, g)
	}
	return groups
}

func (d *groupDumper) count(it *Instance) {
	d.places[it.RegionId]++
	if it.Managed != nil {
		d.managed++
	} else {
		d.ecs++
	}
}

// id returns the id that a fleet file gives to the instance that is n places after those so far.
func (d *groupDumper) id(n int, managed bool) string {
	if managed {
		return fmt.Sprintf("%slab%05d", managedPrefix, d.managed+n+1)
	}
	return fmt.Sprintf("i-lab%05d", d.ecs+n+1)
}

// numbered returns the group of the first of some instances and of those that follow it, and their number: 0 if its name is not
// the first of a group.
func (d *groupDumper) numbered(instances []*Instance) (GroupDump, int) {
	first := instances[0]
	at := strings.LastIndexByte(first.InstanceName, '-')
	if at < 0 {
		return GroupDump{}, 0
	}
	base, width := first.InstanceName[:at], len(first.InstanceName)-at-1
	if n, err := strconv.Atoi(first.InstanceName[at+1:]); err != nil || n != 1 || width < 3 || !groupNamePattern().MatchString(base) || d.names[regionalName{first.RegionId, base}] {
		return GroupDump{}, 0
	}
	g := d.describe(first)
	id := func(n int) string { return d.id(n, first.Managed != nil) }
	if first.InstanceId != id(0) {
		id = func(n int) string { return cmp.Or(countOn(first.InstanceId, n), first.InstanceId) }
	}
	anyZone, letter := true, d.letter(first)
	count := 0
	for n, it := range instances {
		name := fmt.Sprintf("%s-%0*d", base, width, n+1)
		same := it.InstanceName == name && it.HostName == name && it.InstanceId == id(n)
		same = same && (n == 0 || reflect.DeepEqual(d.describe(it), g))
		free, fixed := anyZone && d.hasNextZone(it, n), letter != "" && d.letter(it) == letter
		if !same || !free && !fixed {
			break
		}
		count++
		anyZone = free
		if !fixed {
			letter = ""
		}
	}
	if width == 3 {
		count = min(count, 999)
	}
	if count == 0 || numbered(base, 1, count) != first.InstanceName {
		return GroupDump{}, 0
	}
	g.Name = base
	if first.InstanceId != d.id(0, first.Managed != nil) {
		g.Id = first.InstanceId
	}
	if count > 1 {
		g.Count = count
	}
	if !anyZone {
		g.Zone = letter
	}
	return g, count
}

// single returns the group of one instance with a name of its own.
func (d *groupDumper) single(it *Instance) GroupDump {
	g := d.describe(it)
	g.Name, g.InstanceName = it.InstanceName, it.InstanceName
	for n := d.ecs + d.managed + 1; d.names[regionalName{it.RegionId, g.Name}] || !groupNamePattern().MatchString(g.Name); n++ {
		g.Name = fmt.Sprintf("group-%d", n)
	}
	if it.HostName != it.InstanceName {
		g.HostName = it.HostName
	}
	if it.InstanceId != d.id(0, it.Managed != nil) {
		g.Id = it.InstanceId
	}
	if !d.hasNextZone(it, 0) {
		g.Zone = d.letter(it)
	}
	return g
}

// letter returns the letter of the zone of an instance, or "" if a fleet file cannot name it.
func (d *groupDumper) letter(it *Instance) string {
	letter := strings.TrimPrefix(it.ZoneId, it.RegionId+"-")
	if !zonePattern().MatchString(letter) {
		return ""
	}
	return letter
}

// hasNextZone reports whether the instance that is n places after those so far has the zone that it gets if its group has none.
func (d *groupDumper) hasNextZone(it *Instance, n int) bool {
	return it.Managed != nil || it.ZoneId == it.RegionId+"-"+string(rune('a'+(d.places[it.RegionId]+n)%3))
}

// describe returns a group with everything that is the same for all of its instances, except for its zone.
func (d *groupDumper) describe(it *Instance) GroupDump {
	unless := func(usual bool, text string) string {
		if usual {
			return ""
		}
		return text
	}
	g := GroupDump{
		Tags: DumpedMap(it.Tags.Tag), Shell: string(it.Shell), Managed: it.Managed != nil,
		Os: unless(!it.windows(), "windows"), Home: unless(!it.NoHome, "false"), Online: unless(it.Online, "false"),
		Agent: unless(it.AgentVersion == agentVersion, it.AgentVersion), Latency: unless(it.Latency == 0, duration.Format(it.Latency)),
		Simulate: d.simulation(it.Simulation),
	}
	if it.RegionId != d.region {
		g.Region = it.RegionId
	}
	if it.AgentVersion == "" {
		g.Agent = noAgent
	}
	if it.Managed != nil {
		return g
	}
	g.Status = unless(it.Status == "Running", it.Status)
	g.Type = unless(it.InstanceType == d.usual.InstanceType && it.Cpu == d.usual.Cpu, it.InstanceType)
	g.Network = unless(it.InstanceNetworkType != "classic", "classic")
	return g
}

func (d *groupDumper) simulation(s *Simulation) *SimulationDump {
	if s == nil || d.simulations[s] != nil {
		return d.simulations[s]
	}
	dump := &SimulationDump{Text: s.Text, Seed: s.Seed}
	if s.Duration.Median > 0 {
		dump.Duration = DistributionDump{Median: duration.Format(s.Duration.Median), P99: duration.Format(s.Duration.P99)}
	} else {
		dump.Duration = DistributionDump{Least: duration.Format(s.Duration.Least), Most: duration.Format(s.Duration.Most)}
	}
	for _, share := range s.Exit {
		percent := strconv.FormatFloat(share.Percent, 'f', -1, 64) + "%"
		dump.Exit = append(dump.Exit, assist.TagPair{TagKey: strconv.Itoa(share.Code), TagValue: percent})
	}
	if s.Size > 0 {
		dump.Output = strconv.Itoa(s.Size)
	}
	d.simulations[s] = dump
	return dump
}
