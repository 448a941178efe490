package target

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Instance
		for i := range rapid.IntRange(0, 50).Draw(t, "total") {
			all = append(all, Instance{InstanceId: fmt.Sprintf("i-%03d", i)})
		}
		share := Share{Count: rapid.IntRange(1, 60).Draw(t, "count")}
		seed := rapid.Uint64().Draw(t, "seed")
		taken := Take(share, all, seed)
		if len(taken) != min(share.Count, len(all)) {
			t.Fatalf("%d of %d", len(taken), len(all))
		}
		if !slices.IsSortedFunc(taken, func(a, b Instance) int { return strings.Compare(a.InstanceId, b.InstanceId) }) {
			t.Fatalf("out of order: %v", taken)
		}
		shuffled := rapid.Permutation(all).Draw(t, "shuffled")
		again := Take(share, shuffled, seed)
		ids := func(list []Instance) []string {
			var ids []string
			for _, i := range list {
				ids = append(ids, i.InstanceId)
			}
			slices.Sort(ids)
			return ids
		}
		if !slices.Equal(ids(taken), ids(again)) {
			t.Fatalf("the same seed draws %v and %v", ids(taken), ids(again))
		}
	})
}

// Every instance is drawn about as often as any other.
func TestTakeIsFair(t *testing.T) {
	all := make([]Instance, 10)
	for i := range all {
		all[i].InstanceId = fmt.Sprintf("i-%d", i)
	}
	drawn := map[string]int{}
	const draws = 10_000
	for seed := range uint64(draws) {
		drawn[Take(Share{Count: 1}, all, seed)[0].InstanceId]++
	}
	for id, n := range drawn {
		if n < draws/10*8/10 || n > draws/10*12/10 {
			t.Errorf("%s was drawn %d times of %d", id, n, draws)
		}
	}
}

// A sample is drawn from the instances that can run a command, if there are any.
func TestSampleOfTheUsable(t *testing.T) {
	d := crowd(20)
	for i := range d.instances {
		if i != 7 {
			d.offline[d.instances[i].InstanceId] = true
		}
	}
	s := Selector{All: true, Sample: &Share{Percent: 10}}
	if got := resolved(t, at(d), s).IDs(); !slices.Equal(got, []string{"i-000007"}) {
		t.Errorf("got %v", got)
	}
	d.offline["i-000007"] = true
	if got := resolved(t, at(d), s).IDs(); len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
