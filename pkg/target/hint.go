package target

import (
	"context"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// maxHinted bounds how many instances are listed for a guess at what was meant.
const maxHinted = 5000

// hint adds to what matches nothing what exists in its place.
func (sw *sweep) hint(ctx context.Context, all []Unmatched) error {
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
		return listed < maxHinted
	}
	if sw.given != nil {
		for _, from := range sw.sources() {
			if err := from.list(ctx, note); err != nil {
				return sw.r.at(from.place, err)
			}
		}
		return nil
	}
	whole := &sweep{r: &Resolver{Places: sw.r.Places, Concurrency: sw.r.Concurrency, Records: true}}
	managed := sw.s.Managed || managedOnly(all)
	for place := range sw.r.Places {
		from := whole.instances(place, assist.DescribeInstancesRequest{})
		if managed {
			from = whole.managed(place, assist.DescribeManagedInstancesRequest{})
		}
		if err := from.list(ctx, note); err != nil {
			return sw.r.at(place, err)
		}
	}
	for at := range all {
		all[at].Blind = listed == 0 && !managed
	}
	return nil
}

// compareKeys has a tag compared by its key where no instance has that, and by its value otherwise.
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

// managedOnly reports whether nothing but managed instances was missed.
func managedOnly(all []Unmatched) bool {
	for _, u := range all {
		if !u.ID || !managedID(u.Text) {
			return false
		}
	}
	return true
}
