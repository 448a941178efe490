package target

import (
	"context"
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
)

// otherKindPatience is how long instances of the other kind are looked for.
const otherKindPatience = 5 * time.Second

// otherKind has the instances that a name stands for among those that are not searched by name: managed ones or, if only these are
// searched, those of ECS.
type otherKind struct {
	managed bool
	matches int
	id      string // of the first
}

// String returns how to choose them.
func (o otherKind) String() string {
	switch {
	case !o.managed && o.matches == 1:
		return fmt.Sprintf("the ECS instance %s has this name: leave out --managed", o.id)
	case !o.managed:
		return fmt.Sprintf("%d ECS instances have such names: leave out --managed", o.matches)
	case o.matches == 1:
		return fmt.Sprintf("the managed instance %s has this name: give its id, or add --managed", o.id)
	}
	return fmt.Sprintf("%d managed instances have such names: give their ids, or add --managed", o.matches)
}

// findOtherKind looks for names that nothing here has among the instances of the other kind. It ignores errors, because the names are
// an error already. Names that deserve only a warning are not worth the calls.
func findOtherKind(ctx context.Context, q *query, all []Unmatched) {
	var named []*Unmatched
	for at := range all {
		if u := &all[at]; u.items != nil && !u.group && !u.ID && !u.Warn {
			named = append(named, u)
		}
	}
	if len(named) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, otherKindPatience) // a service that throttles must not delay the error
	defer cancel()
	whole := &query{r: &Resolver{Places: q.r.Places, Concurrency: q.r.Concurrency}}
	for place := range q.r.Places {
		from := whole.managed(place, assist.DescribeManagedInstancesRequest{})
		if q.s.Managed {
			from = whole.instances(place, assist.DescribeInstancesRequest{})
		}
		listed := 0
		_ = from.list(ctx, func(i Instance, _ int) bool {
			for _, u := range named {
				if !slices.ContainsFunc(u.items, func(it *item) bool { return it.matches(&i, true) || it.pattern == nil && it.text == i.InstanceName }) {
					continue
				}
				if u.other.matches++; u.other.matches == 1 {
					u.other.managed, u.other.id = i.Managed, i.InstanceId
				}
			}
			listed++
			return listed < maxSuggested
		})
	}
}
