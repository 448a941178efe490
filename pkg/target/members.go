package target

import (
	"context"
)

// fillGroups finds out who the groups are that terms name.
func (sw *sweep) fillGroups(ctx context.Context) error {
	for _, x := range []*items{sw.base, sw.exclude} {
		if x == nil {
			continue
		}
		for at := range x.all {
			it := &x.all[at]
			if it.term.Group == "" {
				continue
			}
			group, err := sw.r.group(ctx, it.term, sw.records())
			if err != nil {
				return err
			}
			for _, u := range group.Unmatched {
				u.Warn = u.Warn || it.term.Warn
				sw.inGroups = append(sw.inGroups, u)
			}
			it.group = group
			it.members = make(map[memberKey]bool, len(group.Instances))
			for i := range group.Instances {
				it.members[group.Instances[i].key()] = true
			}
		}
	}
	return nil
}

// group returns the instances of a group, which are looked up once, however many groups it is in.
func (r *Resolver) group(ctx context.Context, term *Term, records bool) (*Found, error) {
	key := groupKey{term.Group, records}
	if known := r.resolved[key]; known != nil {
		return known, nil
	}
	selector, err := r.Groups.read(*term)
	if err != nil {
		return nil, err
	}
	inner := *r
	inner.Agents, inner.Records = false, records
	sw, err := inner.newSweep(ctx, selector)
	if err != nil {
		return nil, err
	}
	found, err := sw.run(ctx)
	if err == nil {
		r.resolved[key] = found
	}
	return found, err
}

// groupKey is a group, with or without the records of its instances.
type groupKey struct {
	name    string
	records bool
}
