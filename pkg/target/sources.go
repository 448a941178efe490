package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// maxManaged is the largest number of ids, and of instances, of a DescribeManagedInstances call.
const maxManaged = assist.MaxDescribedManaged

// maxNameFilters is the largest number of name filters that are requested one by one. More of them are covered by a single one.
const maxNameFilters = 8

// source lists some instances of one place. It calls visit for each, in any order and for some more than once, with the
// instance's position in the source's order. Calls of visit do not overlap.
type source struct {
	place int
	list  func(ctx context.Context, visit func(i Instance, at int) bool) error
}

// inOrder returns a visitor that numbers instances in the order in which they arrive.
func inOrder(visit func(Instance, int) bool) func(Instance) bool {
	at := -1
	return func(i Instance) bool {
		at++
		return visit(i, at)
	}
}

// sources returns the sources to list to find the instances of the selector.
func (q *query) sources() []source {
	var all []source
	for place := range q.r.Places {
		switch {
		case q.given != nil:
			all = append(all, q.givenSources(place)...)
		case q.base == nil:
			all = append(all, q.filtered(place))
		default:
			all = append(all, q.itemSources(place, q.base)...)
		}
	}
	return all
}

// filtered lists the instances that meet the conditions, as far as the service can filter them.
func (q *query) filtered(place int) source {
	if q.s.Managed {
		request := assist.DescribeManagedInstancesRequest{}
		for i := range q.s.Conditions {
			q.s.Conditions[i].askManaged(&request)
		}
		return q.managed(place, request)
	}
	request := assist.DescribeInstancesRequest{}
	for i := range q.s.Conditions {
		q.s.Conditions[i].ask(&request)
	}
	return q.instances(place, request)
}

// itemSources lists the instances that terms may stand for.
func (q *query) itemSources(place int, x *items) []source {
	var ids, managedIDs, filters []string
	everyone, everyManaged := false, false
	var all []source
	for at := range x.all {
		it := &x.all[at]
		switch {
		case it.group != nil:
			all = append(all, groupSource(place, it.group))
		case it.matchesIDs() && isManagedID(it.text):
			everyManaged = true
		case it.matchesIDs():
			everyone = true
		case it.pattern != nil || !isInstanceID(it.text):
			filters = append(filters, it.term.word.Wildcard())
		case isManagedID(it.text):
			managedIDs = append(managedIDs, it.text)
		default:
			ids = append(ids, it.text)
		}
	}
	all = append(all, q.byID(place, unique(ids))...)
	all = append(all, q.byManagedID(place, unique(managedIDs))...)
	switch {
	case len(filters) > 0 && q.s.Managed, everyManaged:
		all = append(all, q.managed(place, assist.DescribeManagedInstancesRequest{}))
	}
	switch {
	case everyone:
		all = append(all, q.instances(place, assist.DescribeInstancesRequest{}))
	case !q.s.Managed:
		for _, filter := range coveringFilters(unique(filters)) {
			all = append(all, q.instances(place, assist.DescribeInstancesRequest{InstanceName: filter}))
		}
	}
	return all
}

// coveringFilters returns a few name filters that cover the given ones.
func coveringFilters(filters []string) []string {
	if slices.Contains(filters, "*") {
		return []string{"*"}
	}
	if len(filters) <= maxNameFilters {
		return filters
	}
	prefix := filters[0]
	for _, filter := range filters {
		for !strings.HasPrefix(filter, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	prefix, _, _ = strings.Cut(prefix, "*")
	return []string{prefix + "*"}
}

func groupSource(place int, group *Found) source {
	return source{place, func(_ context.Context, visit func(Instance, int) bool) error {
		for i := range group.Instances {
			if group.Instances[i].Place == place && !visit(group.Instances[i], i) {
				break
			}
		}
		return nil
	}}
}

// givenSources lists the given instances of a place in their current state. Instances that the service no longer has are listed as
// they were given. If ids suffice to choose by, it makes no call.
func (q *query) givenSources(place int) []source {
	known := map[string]*Instance{}
	var ids []string
	for i := range q.given {
		if q.given[i].Place == place {
			known[q.given[i].InstanceId] = &q.given[i]
			ids = append(ids, q.given[i].InstanceId)
		}
	}
	given := func(_ context.Context, visit func(Instance, int) bool) error {
		for at, id := range ids {
			if !visit(*known[id], at) {
				break
			}
		}
		return nil
	}
	if !q.needsLookup() {
		return []source{{place, given}}
	}
	return []source{{place, func(ctx context.Context, visit func(Instance, int) bool) error {
		now := map[string]Instance{}
		for _, from := range slices.Concat(
			q.byID(place, slices.DeleteFunc(slices.Clone(ids), isManagedID)),
			q.byManagedID(place, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isManagedID(id) })),
		) {
			err := from.list(ctx, func(i Instance, _ int) bool { now[i.InstanceId] = i; return true })
			if err != nil {
				return err
			}
		}
		for at, id := range ids {
			i, ok := now[id]
			if !ok {
				i = *known[id]
				i.Missing, i.Record = true, &Record{InstanceId: id, InstanceName: i.InstanceName, Tags: []assist.TagPair{}}
			}
			if !visit(i, at) {
				break
			}
		}
		return nil
	}}}
}

// needsLookup reports whether instances whose ids are known have to be requested from the service.
func (q *query) needsLookup() bool {
	named := func(x *items) bool { return x != nil && (len(x.names) > 0 || len(x.scanned) > 0) }
	return q.records() || q.agents() || q.s.Managed || named(q.base) || named(q.exclude)
}

// byID lists instances by their ids, with as many ids per call as the API allows.
func (q *query) byID(place int, ids []string) []source {
	var all []source
	for chunk := range slices.Chunk(ids, assist.MaxDescribedInstances) {
		all = append(all, q.instances(place, assist.DescribeInstancesRequest{InstanceIds: chunk}))
	}
	return all
}

func (q *query) byManagedID(place int, ids []string) []source {
	var all []source
	for chunk := range slices.Chunk(ids, maxManaged) {
		all = append(all, q.managed(place, assist.DescribeManagedInstancesRequest{InstanceId: chunk}))
	}
	return all
}

// instances lists the ECS instances of a request.
func (q *query) instances(place int, request assist.DescribeInstancesRequest) source {
	at := q.r.Places[place]
	request.RegionId, request.MaxResults = at.RegionId, pageOfInstances
	walk := at.summaries(place)
	if q.records() {
		walk = at.records(place)
	}
	return source{place, func(ctx context.Context, visit func(Instance, int) bool) error {
		l := &listing{api: at.API, request: request, walk: walk, workers: q.r.Concurrency, visit: visit}
		if err := l.list(ctx); err != nil {
			return lookUpError(err)
		}
		return nil
	}}
}

// managed lists the managed instances of a request.
func (q *query) managed(place int, request assist.DescribeManagedInstancesRequest) source {
	at := q.r.Places[place]
	request.RegionId, request.MaxResults = at.RegionId, maxManaged
	return source{place, func(ctx context.Context, visitAt func(Instance, int) bool) error {
		visit := inOrder(visitAt)
		for instance, err := range at.API.AllManagedInstances(ctx, request) {
			if noManaged(err) && len(q.r.Places) > 1 {
				return nil
			}
			if err != nil {
				return fmt.Errorf("look up managed instances: %w", err)
			}
			if !visit(newInstance(place, at.Profile, recordOfManaged(at.RegionId, &instance))) {
				break
			}
		}
		return nil
	}}
}

func unique(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	return slices.DeleteFunc(texts, func(text string) bool {
		twice := seen[text]
		seen[text] = true
		return twice
	})
}
