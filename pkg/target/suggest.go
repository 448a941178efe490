package target

import (
	"context"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// maxSuggested is the largest number of instances that are listed for suggestions.
const maxSuggested = 5000

// suggest adds to each part that matches nothing what exists in its place, for suggestions.
func (q *query) suggest(ctx context.Context, all []Unmatched) error {
	defer func() {
		for at := range all {
			all[at].compareKeys()
		}
	}()
	known := make([]map[string]bool, len(all))
	for i := range known {
		known[i] = map[string]bool{}
	}
	listed := 0
	note := func(i Instance, _ int) bool {
		listed++
		for at, u := range all {
			var words []string
			switch {
			case u.condition != nil && i.Record != nil:
				words = u.condition.existing(i.Record)
			case u.condition != nil:
			case u.group:
			case u.ID:
				words = []string{i.InstanceId}
			default:
				words = []string{i.InstanceName}
			}
			for _, word := range words {
				if word != "" && !known[at][word] {
					known[at][word] = true
					all[at].Known = append(all[at].Known, word)
				}
			}
		}
		return listed < maxSuggested
	}
	if q.given != nil {
		for _, from := range q.sources() {
			if err := from.list(ctx, note); err != nil {
				return q.r.at(from.place, err)
			}
		}
		return nil
	}
	whole := &query{r: &Resolver{Places: q.r.Places, Concurrency: q.r.Concurrency, Records: true}}
	managed := q.s.Managed || managedOnly(all)
	for place := range q.r.Places {
		from := whole.instances(place, assist.DescribeInstancesRequest{})
		if managed {
			from = whole.managed(place, assist.DescribeManagedInstancesRequest{})
		}
		if err := from.list(ctx, note); err != nil {
			return q.r.at(place, err)
		}
	}
	for at := range all {
		all[at].NothingListed = listed == 0 && !managed
	}
	findOtherKind(ctx, q, all)
	for at := range all {
		if all[at].other.matches > 0 {
			all[at].Known, all[at].NothingListed = nil, false
		}
	}
	return nil
}

// compareKeys makes suggestions for a tag compare its key if no instance has that key, and its value otherwise.
func (u *Unmatched) compareKeys() {
	if u.condition == nil || u.condition.key == "" || u.condition.values == nil && u.Word == u.condition.key {
		return
	}
	key := u.condition.key
	hasKey := slices.ContainsFunc(u.Known, func(known string) bool {
		return strings.HasPrefix(known, key+"=") || strings.HasPrefix(known, key+"!=")
	})
	if !hasKey {
		u.Word, u.What = key, "no instance has a tag "+key
		return
	}
	u.Known = slices.DeleteFunc(u.Known, func(known string) bool { return !strings.Contains(known, "=") })
}

// managedOnly reports whether all unmatched parts are ids of managed instances.
func managedOnly(all []Unmatched) bool {
	for _, u := range all {
		if !u.ID || !isManagedID(u.Text) {
			return false
		}
	}
	return true
}
