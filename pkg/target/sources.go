package target

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// maxManaged is the number of ids, and of instances, a DescribeManagedInstances.
const maxManaged = assist.MaxDescribedManaged

// maxNameFilters is the number of name filters that are asked for one by one. More of them are covered by a single one.
const maxNameFilters = 8

// source lists some instances of one place. visit is told of each in no certain order, together with its place in the source's
// order, and of some more than once. It is called by one at a time.
type source struct {
	place int
	list  func(ctx context.Context, visit func(i Instance, at int) bool) error
}

// inOrder tells of instances in the order in which they come.
func inOrder(visit func(Instance, int) bool) func(Instance) bool {
	at := -1
	return func(i Instance) bool {
		at++
		return visit(i, at)
	}
}

// sources are what has to be listed to find the instances of the selector.
func (sw *sweep) sources() []source {
	var all []source
	for place := range sw.r.Places {
		switch {
		case sw.given != nil:
			all = append(all, sw.ofGiven(place)...)
		case sw.base == nil:
			all = append(all, sw.filtered(place))
		default:
			all = append(all, sw.ofItems(place, sw.base)...)
		}
	}
	return all
}

// filtered lists whoever meets the conditions, as far as the service can tell.
func (sw *sweep) filtered(place int) source {
	if sw.s.Managed {
		request := assist.DescribeManagedInstancesRequest{}
		for i := range sw.s.Conditions {
			sw.s.Conditions[i].askManaged(&request)
		}
		return sw.managed(place, request)
	}
	request := assist.DescribeInstancesRequest{}
	for i := range sw.s.Conditions {
		sw.s.Conditions[i].ask(&request)
	}
	return sw.instances(place, request)
}

// ofItems lists the instances that terms may stand for.
func (sw *sweep) ofItems(place int, x *items) []source {
	var ids, managedIDs, filters []string
	everyone, everyManaged := false, false
	var all []source
	for at := range x.all {
		it := &x.all[at]
		switch {
		case it.group != nil:
			all = append(all, membersOf(place, it.group))
		case it.overIDs() && managedID(it.text):
			everyManaged = true
		case it.overIDs():
			everyone = true
		case it.pattern != nil || !wellFormed(it.text):
			filters = append(filters, it.term.word.Wildcard())
		case managedID(it.text):
			managedIDs = append(managedIDs, it.text)
		default:
			ids = append(ids, it.text)
		}
	}
	all = append(all, sw.byID(place, unique(ids))...)
	all = append(all, sw.byManagedID(place, unique(managedIDs))...)
	switch {
	case len(filters) > 0 && sw.s.Managed, everyManaged:
		all = append(all, sw.managed(place, assist.DescribeManagedInstancesRequest{}))
	}
	switch {
	case everyone:
		all = append(all, sw.instances(place, assist.DescribeInstancesRequest{}))
	case !sw.s.Managed:
		for _, filter := range narrowest(unique(filters)) {
			all = append(all, sw.instances(place, assist.DescribeInstancesRequest{InstanceName: filter}))
		}
	}
	return all
}

// narrowest returns few name filters that find all that the given ones do.
func narrowest(filters []string) []string {
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

func membersOf(place int, group *Found) source {
	return source{place, func(_ context.Context, visit func(Instance, int) bool) error {
		for i := range group.Instances {
			if group.Instances[i].Place == place && !visit(group.Instances[i], i) {
				break
			}
		}
		return nil
	}}
}

// ofGiven lists the given instances of a place as the service has them now, and those that it has no more as they were given.
// Where ids are enough to choose by, it is not asked.
func (sw *sweep) ofGiven(place int) []source {
	known := map[string]*Instance{}
	var ids []string
	for i := range sw.given {
		if sw.given[i].Place == place {
			known[sw.given[i].InstanceId] = &sw.given[i]
			ids = append(ids, sw.given[i].InstanceId)
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
	if !sw.looksUp() {
		return []source{{place, given}}
	}
	return []source{{place, func(ctx context.Context, visit func(Instance, int) bool) error {
		now := map[string]Instance{}
		for _, from := range slices.Concat(
			sw.byID(place, slices.DeleteFunc(slices.Clone(ids), managedID)),
			sw.byManagedID(place, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !managedID(id) })),
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

// looksUp reports whether the service has to be asked about instances whose ids are known.
func (sw *sweep) looksUp() bool {
	named := func(x *items) bool { return x != nil && (len(x.names) > 0 || len(x.scanned) > 0) }
	return sw.records() || sw.agents() || sw.s.Managed || named(sw.base) || named(sw.exclude)
}

// byID lists instances by their ids, as many a call as it takes.
func (sw *sweep) byID(place int, ids []string) []source {
	var all []source
	for chunk := range slices.Chunk(ids, assist.MaxDescribedInstances) {
		all = append(all, sw.instances(place, assist.DescribeInstancesRequest{InstanceIds: chunk}))
	}
	return all
}

func (sw *sweep) byManagedID(place int, ids []string) []source {
	var all []source
	for chunk := range slices.Chunk(ids, maxManaged) {
		all = append(all, sw.managed(place, assist.DescribeManagedInstancesRequest{InstanceId: chunk}))
	}
	return all
}

// instances lists the ECS instances of a request.
func (sw *sweep) instances(place int, request assist.DescribeInstancesRequest) source {
	at := sw.r.Places[place]
	request.RegionId, request.MaxResults = at.RegionId, pageOfInstances
	walk := at.summaries(place)
	if sw.records() {
		walk = at.records(place)
	}
	return source{place, func(ctx context.Context, visit func(Instance, int) bool) error {
		l := &listing{api: at.API, request: request, walk: walk, workers: sw.r.Concurrency, visit: visit}
		if err := l.list(ctx); err != nil {
			return lookUpError(err)
		}
		return nil
	}}
}

// walk lists the ECS instances of a request, page after page.
type walk func(context.Context, assist.DescribeInstancesRequest) iter.Seq2[listed, error]

// records returns the walk that has all that is known of instances.
func (p Place) records(place int) walk {
	return func(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[listed, error] {
		return func(yield func(listed, error) bool) {
			for i, err := range p.API.AllInstances(ctx, request) {
				one := listed{zoneID: i.ZoneId, chargeType: i.InstanceChargeType, created: assist.ParseTime(i.CreationTime)}
				if err == nil {
					one.Instance = newInstance(place, p.Profile, recordOf(&i))
				}
				if !yield(one, err) {
					return
				}
			}
		}
	}
}

// summaries returns the walk that has what is needed to send something.
func (p Place) summaries(place int) walk {
	return func(ctx context.Context, request assist.DescribeInstancesRequest) iter.Seq2[listed, error] {
		return func(yield func(listed, error) bool) {
			for i, err := range p.API.AllInstanceSummaries(ctx, request) {
				one := Instance{InstanceId: i.InstanceId, InstanceName: i.InstanceName, Place: place, Status: i.Status, OSType: i.OSType}
				if !yield(listed{one, i.ZoneId, i.InstanceChargeType, assist.ParseTime(i.CreationTime)}, err) {
					return
				}
			}
		}
	}
}

// managed lists the managed instances of a request.
func (sw *sweep) managed(place int, request assist.DescribeManagedInstancesRequest) source {
	at := sw.r.Places[place]
	request.RegionId, request.MaxResults = at.RegionId, maxManaged
	return source{place, func(ctx context.Context, visitAt func(Instance, int) bool) error {
		visit := inOrder(visitAt)
		for instance, err := range at.API.AllManagedInstances(ctx, request) {
			if noManaged(err) && len(sw.r.Places) > 1 {
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
