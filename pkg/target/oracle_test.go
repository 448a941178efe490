package target

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// guest is an instance in the oracle's own terms.
type guest struct {
	id, name, zone, status, os string
	tags                       map[string]string
	managed                    bool
	memory                     int64
}

// part is a flag with its value, and its meaning.
type part struct {
	flag, text string
	match      func(guest) bool
	positive   func(guest) bool // what must be true of some instance
}

func drawGuests(t *rapid.T) []guest {
	var all []guest
	for i := range rapid.IntRange(1, 25).Draw(t, "fleet") {
		g := guest{
			id:     fmt.Sprintf("i-%02d", i),
			name:   rapid.SampledFrom([]string{"web", "db"}).Draw(t, "name") + fmt.Sprintf("-%02d", rapid.IntRange(0, 9).Draw(t, "number")),
			zone:   rapid.SampledFrom([]string{"cn-x-a", "cn-x-b"}).Draw(t, "zone"),
			status: rapid.SampledFrom([]string{"Running", "Running", "Stopped"}).Draw(t, "status"),
			os:     rapid.SampledFrom([]string{"linux", "linux", "windows"}).Draw(t, "os"),
			memory: int64(rapid.SampledFrom([]int{1024, 4096, 16384}).Draw(t, "memory")),
			tags:   map[string]string{},
		}
		for _, key := range []string{"env", "role"} {
			if value := rapid.SampledFrom([]string{"", "a", "b", "ab"}).Draw(t, key); value != "" {
				g.tags[key] = value
			}
		}
		if g.managed = rapid.IntRange(0, 4).Draw(t, "managed") == 0; g.managed {
			g.id, g.zone, g.status, g.memory = "m"+g.id, "", "", 0
		}
		all = append(all, g)
	}
	return all
}

func drawTerm(t *rapid.T, flag string) part {
	p := part{flag: flag}
	switch rapid.IntRange(0, 4).Draw(t, "kind of term") {
	case 0:
		p.text = rapid.SampledFrom([]string{"i-", "mi-"}).Draw(t, "prefix") + fmt.Sprintf("%02d", rapid.IntRange(0, 26).Draw(t, "id"))
		p.match = func(g guest) bool { return g.id == p.text }
	case 1:
		p.text = fmt.Sprintf("%s-%02d", rapid.SampledFrom([]string{"web", "db"}).Draw(t, "name"), rapid.IntRange(0, 9).Draw(t, "number"))
		p.match = func(g guest) bool { return g.name == p.text }
	case 2:
		p.text = rapid.SampledFrom([]string{"web-*", "d*", "*-0?", "*[0-4]*"}).Draw(t, "glob")
		p.match = map[string]func(guest) bool{
			"web-*": func(g guest) bool { return strings.HasPrefix(g.name, "web-") },
			"d*":    func(g guest) bool { return strings.HasPrefix(g.name, "d") },
			"*-0?":  func(g guest) bool { return strings.Contains(g.name, "-0") },
		}[p.text]
		if p.match == nil {
			p.text = "*[!5-9]"
			p.match = func(g guest) bool { return strings.IndexByte("56789", g.name[len(g.name)-1]) < 0 }
		}
	case 3:
		from := rapid.IntRange(0, 9).Draw(t, "from")
		to := rapid.IntRange(from, 9).Draw(t, "to")
		p.text = fmt.Sprintf("web-[%02d-%02d]", from, to)
		p.match = func(g guest) bool {
			return strings.HasPrefix(g.name, "web-") && g.name >= fmt.Sprintf("web-%02d", from) && g.name <= fmt.Sprintf("web-%02d", to)
		}
	default:
		p.text = "i-*"
		p.match = func(g guest) bool { return strings.HasPrefix(g.id, "i-") }
	}
	return p
}

func drawCondition(t *rapid.T) part {
	key := rapid.SampledFrom([]string{"env", "role"}).Draw(t, "key")
	value := rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(t, "value")
	has := func(g guest) bool { _, ok := g.tags[key]; return ok }
	is := func(g guest) bool { return g.tags[key] == value }
	no := func(f func(guest) bool) func(guest) bool { return func(g guest) bool { return !f(g) } }
	glob := func(g guest) bool { return strings.HasPrefix(g.tags[key], "a") }
	return rapid.SampledFrom([]part{
		{"tag", key + "=" + value, is, is}, {"tag", key + "!=" + value, no(is), is}, {"tag", key, has, has}, {"tag", "!" + key, no(has), has},
		{"tag", key + "=a*", glob, glob}, {"tag", key + "!=a*", no(glob), glob},
		{"zone", "cn-x-a", func(g guest) bool { return g.zone == "cn-x-a" }, nil},
		{"status", "running", func(g guest) bool { return g.status == "Running" }, nil},
		{"os", "linux", func(g guest) bool { return g.os == "linux" }, nil},
		{"where", ".Memory >= 4096", func(g guest) bool { return g.memory >= 4096 }, func(guest) bool { return true }},
		{"where", `.Tags.role == "a"`, func(g guest) bool { return g.tags["role"] == "a" }, func(g guest) bool { _, ok := g.tags["role"]; return ok }},
	}).Draw(t, "condition")
}

func serve(all []guest) *directory {
	d := &directory{offline: map[string]bool{}}
	for _, g := range all {
		var tags []assist.TagPair
		for key, value := range g.tags {
			tags = append(tags, assist.TagPair{TagKey: key, TagValue: value})
		}
		if g.managed {
			d.managed = append(d.managed, assist.ManagedInstance{InstanceId: g.id, InstanceName: g.name, OsType: g.os, Tags: tags, Connected: true, AgentVersion: "2"})
			continue
		}
		it := assist.Instance{InstanceId: g.id, InstanceName: g.name, ZoneId: g.zone, Status: g.status, OSType: g.os, Memory: g.memory}
		it.Tags.Tag = tags
		d.instances = append(d.instances, it)
	}
	return d
}

// A selector selects the instances that its rule says, whatever the service filters and however instances are listed, and parts
// that match nothing are reported exactly then.
func TestResolveAgainstAnOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawGuests(t)
		var terms, conditions, excludes []part
		for range rapid.IntRange(0, 3).Draw(t, "terms") {
			terms = append(terms, drawTerm(t, "instance"))
		}
		for range rapid.IntRange(0, 2).Draw(t, "conditions") {
			conditions = append(conditions, drawCondition(t))
		}
		for range rapid.IntRange(0, 2).Draw(t, "excludes") {
			excludes = append(excludes, drawTerm(t, "exclude"))
		}
		managed := rapid.IntRange(0, 3).Draw(t, "managed") == 0
		s := Selector{Managed: managed}
		for _, p := range slices.Concat(terms, conditions, excludes) {
			if err := s.Add(p.flag, Words{Text: p.text, From: "--" + p.flag}); err != nil {
				t.Fatal(err)
			}
		}

		// reaches reports whether a term selects an instance: names select from one kind, ids from both.
		reaches := func(p part, g guest) bool {
			byID := strings.HasPrefix(p.text, "i-") || strings.HasPrefix(p.text, "mi-")
			return p.match(g) && (byID || g.managed == managed)
		}
		// A part that no instance matches must be reported. A part that only matches instances out of its reach may be reported.
		mustReport, mustNotReport := false, true
		for _, p := range slices.Concat(terms, excludes) {
			anybody := func(which func(guest) bool) bool { return slices.ContainsFunc(all, which) }
			if p.text == "i-*" && managed {
				mustNotReport = false // it chooses from ECS instances, and finds names of managed ones
				continue
			}
			if !strings.HasPrefix(p.text, "web-[") {
				mustReport = mustReport || !anybody(p.match)
				mustNotReport = mustNotReport && anybody(func(g guest) bool { return reaches(p, g) })
				continue
			}
			for n := range 10 {
				name := fmt.Sprintf("web-%02d", n)
				if p.match(guest{name: name}) {
					mustReport = mustReport || !anybody(func(g guest) bool { return g.name == name })
					mustNotReport = mustNotReport && anybody(func(g guest) bool { return g.name == name && reaches(p, g) })
				}
			}
		}
		for _, p := range conditions {
			positive := p.positive
			if positive == nil {
				positive = p.match
			}
			mustReport = mustReport || !slices.ContainsFunc(all, positive)
			mustNotReport = mustNotReport && slices.ContainsFunc(all, func(g guest) bool { return positive(g) && g.managed == managed })
		}
		var want []string
		for _, g := range all {
			in := len(terms) == 0 && g.managed == managed
			for _, p := range terms {
				in = in || reaches(p, g)
			}
			in = in && (!managed || g.managed)
			for _, p := range conditions {
				in = in && p.match(g)
			}
			for _, p := range excludes {
				in = in && !p.match(g)
			}
			if in {
				want = append(want, g.id)
			}
		}

		found, err := at(serve(all)).Resolve(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		got := found.IDs()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if mustReport && len(found.Unmatched) == 0 {
			t.Fatalf("a part matches nothing and is not reported")
		}
		if mustNotReport && len(found.Unmatched) > 0 {
			t.Fatalf("all parts match, and these are reported: %v", found.Unmatched)
		}
	})
}
