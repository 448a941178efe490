package fleet

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestEveryTargetIsFound submits targets with the same ids at two sites, some of them in several invocations, and searches for
// each of them everywhere.
func TestEveryTargetIsFound(t *testing.T) {
	type in struct {
		invokeID string // empty: unsent at the site
		site     Site
		id       string
	}
	sites := []Site{{RegionId: "a"}, {RegionId: "b"}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "instances")
		s, want := NewState(), map[in]bool{}
		planned := Event{Event: Planned, Sites: sites}
		for i := range n {
			for _, site := range sites {
				planned.Targets = append(planned.Targets, Target{InstanceId: fmt.Sprint("i-", i), Site: site})
				want[in{"", site, fmt.Sprint("i-", i)}] = true
			}
		}
		s.Apply(planned)
		instance := rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("i-", rapid.IntRange(0, n-1).Draw(t, "instance")) })
		calls := rapid.IntRange(0, 20).Draw(t, "calls")
		for call := range calls {
			invokeID, site := fmt.Sprint("t-", call), rapid.SampledFrom(sites).Draw(t, "site")
			ids := rapid.SliceOfNDistinct(instance, 1, n, rapid.ID[string]).Draw(t, "ids")
			submitted := Event{Event: Submitted, Site: site, InvokeId: invokeID}
			if rapid.Bool().Draw(t, "watched") {
				for _, id := range ids {
					submitted.Targets = append(submitted.Targets, Target{InstanceId: id})
					want[in{invokeID, Site{}, id}] = true
				}
			} else {
				submitted.ClientToken = invokeID
				s.Apply(Event{Event: Submitting, Site: site, ClientToken: invokeID, InstanceIds: ids})
				for _, id := range ids {
					if want[in{"", site, id}] {
						delete(want, in{"", site, id})
						want[in{invokeID, Site{}, id}] = true
					}
				}
			}
			s.Apply(submitted)
		}
		if len(s.Targets) != len(want) {
			t.Fatalf("%d targets, want %d", len(s.Targets), len(want))
		}
		for i := range n {
			id := fmt.Sprint("i-", i)
			for _, site := range sites {
				if place, ok := s.find(unsent, site, id); ok != want[in{"", site, id}] || ok && (s.Targets[place].InstanceId != id || s.Targets[place].Site != site) {
					t.Fatalf("%s at %s: found %t", id, site, ok)
				}
			}
			for call := range calls {
				invokeID := fmt.Sprint("t-", call)
				target := s.target(invokeID, id)
				if (target != nil) != want[in{invokeID, Site{}, id}] || target != nil && (target.InstanceId != id || target.InvokeId != invokeID) {
					t.Fatalf("%s in %s: found %+v", id, invokeID, target)
				}
			}
		}
	})
}
