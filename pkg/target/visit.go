package target

import (
	"cmp"
	"context"
	"slices"
)

// visit matches an instance, marks what matches it, and reports whether it is selected and was not visited before.
func (q *query) visit(ctx context.Context, i *Instance, source, at int) bool {
	if known, ok := q.seen[i.key()]; ok {
		if known >= 0 { // keep the order independent of which source is first
			p := q.candidates[known]
			if cmp.Or(cmp.Compare(source, p.source), cmp.Compare(at, p.at)) < 0 {
				p.source, p.at = source, at
			}
		}
		return false
	}
	q.seen[i.key()] = -1
	excluded := q.exclude.match(i, true) >= 0
	item := 0
	if q.base != nil {
		if item = q.base.match(i, q.byName(i)); item < 0 {
			return false
		}
	}
	q.named++
	if q.s.Managed && !i.Managed || !q.meets(i) || !q.evaluateEarly(ctx, i) {
		return false
	}
	q.narrowed++
	if excluded {
		return false
	}
	if !q.r.Records {
		kept := *i
		if !q.hasDeferred() {
			kept.Record = nil // the records of many instances take a lot of memory
		}
		i = &kept
	}
	q.seen[i.key()] = len(q.candidates)
	q.candidates = append(q.candidates, &candidate{*i, item, source, at})
	return true
}

// byName reports whether a term can select an instance by its name. Terms select ECS instances by name, or managed ones if the
// selector is Managed, and any of the given instances in Among. An --exclude applies to the names of both kinds.
func (q *query) byName(i *Instance) bool { return q.given != nil || i.Managed == q.s.Managed }

// meets reports whether an instance meets all conditions. It evaluates each of them, to mark the values that exist.
func (q *query) meets(i *Instance) bool {
	meets := true
	for at := range q.s.Conditions {
		if i.Record == nil || !q.s.Conditions[at].holds(i.Record, q.marks[at]) {
			meets = false
		}
	}
	for at := range q.mentions {
		if i.Record != nil {
			q.mentions[at].holds(i.Record, q.mentioned[at])
		}
	}
	return meets
}

// evaluateEarly evaluates the expressions that do not read the state of agents.
func (q *query) evaluateEarly(ctx context.Context, i *Instance) bool {
	for _, where := range q.s.Wheres {
		if where.needsAgent() && !i.Managed {
			continue
		}
		if !q.evaluate(ctx, where, i) {
			return false
		}
	}
	return true
}

// hasDeferred reports whether an expression reads the state of agents.
func (q *query) hasDeferred() bool { return slices.ContainsFunc(q.s.Wheres, (*Where).needsAgent) }

func (q *query) evaluate(ctx context.Context, where *Where, i *Instance) bool {
	if i.Record == nil {
		return false
	}
	holds, err := where.holds(ctx, i.Record)
	if err != nil && q.failed == nil {
		q.failed = err
	}
	return holds && err == nil
}
