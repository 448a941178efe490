package target

import (
	"cmp"
	"context"
	"slices"
)

// visit judges an instance, marks what matches it, and reports whether it is one that is meant and not yet known.
func (sw *sweep) visit(ctx context.Context, i *Instance, source, at int) bool {
	if known, ok := sw.seen[i.key()]; ok {
		if known >= 0 { // whichever source is first, the order is the same
			p := sw.picked[known]
			if cmp.Or(cmp.Compare(source, p.source), cmp.Compare(at, p.at)) < 0 {
				p.source, p.at = source, at
			}
		}
		return false
	}
	sw.seen[i.key()] = -1
	excluded := sw.exclude.match(i, true) >= 0
	item := 0
	if sw.base != nil {
		if item = sw.base.match(i, sw.byName(i)); item < 0 {
			return false
		}
	}
	sw.named++
	if sw.s.Managed && !i.Managed || !sw.meets(i) || !sw.early(ctx, i) {
		return false
	}
	sw.narrowed++
	if excluded {
		return false
	}
	if !sw.r.Records {
		kept := *i
		if !sw.late() {
			kept.Record = nil // which of many takes a lot of room
		}
		i = &kept
	}
	sw.seen[i.key()] = len(sw.picked)
	sw.picked = append(sw.picked, &pick{*i, item, source, at})
	return true
}

// byName reports whether a term can mean an instance by its name: those of ECS instances, or with Managed those of managed ones; and all where
// the selector chooses from given instances. An --exclude takes away instances of both kinds by their names.
func (sw *sweep) byName(i *Instance) bool { return sw.given != nil || i.Managed == sw.s.Managed }

// meets looks at every condition, to mark what there is.
func (sw *sweep) meets(i *Instance) bool {
	meets := true
	for at := range sw.s.Conditions {
		if i.Record == nil || !sw.s.Conditions[at].holds(i.Record, sw.marks[at]) {
			meets = false
		}
	}
	for at := range sw.mentions {
		if i.Record != nil {
			sw.mentions[at].holds(i.Record, sw.mentioned[at])
		}
	}
	return meets
}

// early evaluates the expressions that do not read what the agents tell.
func (sw *sweep) early(ctx context.Context, i *Instance) bool {
	for _, where := range sw.s.Wheres {
		if where.needsAgent() && !i.Managed {
			continue
		}
		if !sw.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}

// late reports whether there is an expression that has to wait for the agents.
func (sw *sweep) late() bool { return slices.ContainsFunc(sw.s.Wheres, (*Where).needsAgent) }

func (sw *sweep) evaluate(ctx context.Context, where *Where, i *Instance) bool {
	if i.Record == nil {
		return false
	}
	holds, err := where.holds(ctx, i.Record)
	if err != nil && sw.failed == nil {
		sw.failed = err
	}
	return holds && err == nil
}
