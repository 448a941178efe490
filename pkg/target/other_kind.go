package target

import (
	"context"
	"fmt"
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
		return fmt.Sprintf("%s, an ECS instance, is named so: leave out --managed", o.id)
	case !o.managed:
		return fmt.Sprintf("%d ECS instances are named so: leave out --managed", o.matches)
	case o.matches == 1:
		return fmt.Sprintf("%s, a managed instance, is named so: give this id, or add --managed", o.id)
	}
	return fmt.Sprintf("%d managed instances are named so: give their ids, or add --managed", o.matches)
}

// findOtherKind looks for names that nothing here has among the instances of the other kind. It ignores errors, because the names are
// an error already.
func findOtherKind(ctx context.Context, q *query, all []Unmatched) {
	named := map[int]*items{}
	for at, u := range all {
		if u.term != nil && u.term.Group == "" && !u.ID {
			named[at] = newItems([]Term{*u.term})
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
			for at, x := range named {
				if x.match(&i, true) < 0 {
					continue
				}
				other := &all[at].other
				if other.matches++; other.matches == 1 {
					other.managed, other.id = i.Managed, i.InstanceId
				}
			}
			listed++
			return listed < maxSuggested
		})
	}
}
