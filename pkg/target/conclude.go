package target

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// conclude puts the instances into order, draws the sample, and finds out what matched nothing.
func (q *query) conclude(ctx context.Context, agents *agentLookup) (*Found, error) {
	slices.SortFunc(q.candidates, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.Place, b.Place), cmp.Compare(a.source, b.source), cmp.Compare(a.at, b.at),
			cmp.Compare(a.InstanceName, b.InstanceName), cmp.Compare(a.InstanceId, b.InstanceId))
	})
	found := &Found{Instances: make([]Instance, 0, len(q.candidates))}
	for at := range q.candidates {
		i := &q.candidates[at].Instance
		agents.fillIn(i)
		if q.deferredHold(ctx, i) {
			if !q.r.Records {
				i.Record = nil
			}
			found.Instances = append(found.Instances, *i)
		}
	}
	if q.failed != nil {
		return nil, q.failed
	}
	found.Shared = q.shared(found.Instances)
	left := len(found.Instances)
	var err error
	if found.Unmatched, err = q.unmatched(ctx); err != nil {
		return nil, err
	}
	if q.s.Sample != nil && left > 0 {
		found.Instances = q.s.draw(found.Instances)
	}
	if left == 0 {
		found.NoInstances = q.noInstances()
	}
	return found, nil
}

// shared returns the names that terms name and that several of the instances have.
func (q *query) shared(instances []Instance) []string {
	if q.base == nil {
		return nil
	}
	counts := map[string]int{}
	var names []string
	for i := range instances {
		name := instances[i].InstanceName
		if counts[name]++; counts[name] == 2 && len(q.base.names[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// deferredHold evaluates the expressions that read the state of agents.
func (q *query) deferredHold(ctx context.Context, i *Instance) bool {
	for _, where := range q.s.Wheres {
		if where.needsAgent() && !i.Managed && !q.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}

// where describes where instances were searched.
func (q *query) where() string {
	if q.given != nil {
		return fmt.Sprintf("the %d instances to choose from", len(q.given))
	}
	var regions []string
	for _, place := range q.r.Places {
		regions = append(regions, place.String())
	}
	if q.s.Managed {
		regions[0] = "the managed instances of " + regions[0]
	}
	if most := 3; len(regions) > most {
		return fmt.Sprintf("%s and %d more regions", strings.Join(regions[:most], ", "), len(regions)-most)
	}
	return strings.Join(regions, ", ")
}

// noInstances returns the reason why no instance is left.
func (q *query) noInstances() string {
	var narrowing []string
	for _, c := range q.s.Conditions {
		narrowing = append(narrowing, c.From+" "+c.Text)
	}
	for _, where := range q.s.Wheres {
		narrowing = append(narrowing, where.From+" '"+where.Text+"'")
	}
	if q.s.Managed {
		narrowing = append(narrowing, "--managed")
	}
	switch {
	case len(q.candidates) > 0:
		return fmt.Sprintf("no instance is left: none of the %d instances meets %s", len(q.candidates), strings.Join(narrowing, " and "))
	case q.narrowed > 0 && len(q.s.Exclude) > 0:
		return fmt.Sprintf("no instance is left: --exclude removes all %d instances", q.narrowed)
	case len(narrowing) > 0 && q.base != nil:
		return fmt.Sprintf("no instance is left: none of the %d instances meets %s", q.named, strings.Join(narrowing, " and "))
	case len(narrowing) > 0:
		return fmt.Sprintf("no instance in %s meets %s", q.where(), strings.Join(narrowing, " and "))
	}
	return fmt.Sprintf("no instance exists in %s, or these credentials may not list instances (ecs:DescribeInstances)", q.where())
}
