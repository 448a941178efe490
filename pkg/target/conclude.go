package target

import (
	"cmp"
	"context"
	"slices"
)

// conclude puts the instances into order, draws the sample, and finds out what matched nothing.
func (sw *sweep) conclude(ctx context.Context, agents *agentLookup) (*Found, error) {
	slices.SortFunc(sw.picked, func(a, b *pick) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.Place, b.Place), cmp.Compare(a.source, b.source), cmp.Compare(a.at, b.at),
			cmp.Compare(a.InstanceName, b.InstanceName), cmp.Compare(a.InstanceId, b.InstanceId))
	})
	found := &Found{Instances: make([]Instance, 0, len(sw.picked))}
	for at := range sw.picked {
		i := &sw.picked[at].Instance
		agents.tell(i)
		if sw.lateHolds(ctx, i) {
			if !sw.r.Records {
				i.Record = nil
			}
			found.Instances = append(found.Instances, *i)
		}
	}
	if sw.failed != nil {
		return nil, sw.failed
	}
	found.Shared = sw.shared(found.Instances)
	left := len(found.Instances)
	var err error
	if found.Unmatched, err = sw.unmatched(ctx); err != nil {
		return nil, err
	}
	if sw.s.Sample != nil && left > 0 {
		found.Instances = sw.s.draw(found.Instances)
	}
	if left == 0 {
		found.Nobody = sw.nobody()
	}
	return found, nil
}

// shared returns the names that terms ask for and that several of the instances have.
func (sw *sweep) shared(instances []Instance) []string {
	if sw.base == nil {
		return nil
	}
	counts := map[string]int{}
	var names []string
	for i := range instances {
		name := instances[i].InstanceName
		if counts[name]++; counts[name] == 2 && len(sw.base.names[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// lateHolds evaluates the expressions that had to wait for the agents.
func (sw *sweep) lateHolds(ctx context.Context, i *Instance) bool {
	for _, where := range sw.s.Wheres {
		if where.needsAgent() && !i.Managed && !sw.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}
