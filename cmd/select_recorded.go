package cmd

import (
	"context"
	"errors"
	"iter"
	"slices"

	"muster/pkg/assist"
	"muster/pkg/journal"
	"muster/pkg/target"
)

// recordedTargets returns the targets of a run that a selector chooses. Where ids and names are enough to choose by, they are the
// journal's, and no call is made.
func (fd *finder) recordedTargets(ctx context.Context, record *journal.Record, selector target.Selector, allowUnmatched bool) (map[targetKey]bool, error) {
	at := record.State.Sites
	given := make([]target.Instance, 0, len(record.State.Targets))
	for i := range record.State.Targets {
		t := &record.State.Targets[i]
		given = append(given, target.Instance{InstanceId: t.InstanceId, InstanceName: t.InstanceName, Place: slices.Index(at, t.Site)})
	}
	chosen := map[targetKey]bool{}
	choose := func(resolver *target.Resolver) error {
		found, err := resolver.Among(ctx, selector, given)
		if err != nil {
			return err
		}
		for _, i := range found.Instances {
			chosen[targetKey{at[i.Place], i.InstanceId}] = true
		}
		return fd.checkUnmatched(found, allowUnmatched)
	}
	if selector.ByName() {
		resolver := fd.resolver(nil)
		for number, site := range at {
			resolver.Places = append(resolver.Places, target.Place{API: newJournalAPI(given, number), RegionId: site.RegionId, Profile: site.Profile})
		}
		return chosen, choose(resolver)
	}
	if record.Throwaway {
		return nil, usagef("run %s went to a lab that ended with it: its instances can be chosen by ids and names alone", record.RunId)
	}
	all, err := fd.reconnect(ctx, record.Header)
	if err != nil {
		return nil, err
	}
	return chosen, fd.useSites(ctx, all, func(all sites) error { return choose(fd.resolver(all)) })
}

// journalAPI answers questions about instances with what a journal knows of those of one place.
type journalAPI struct {
	instances map[string]target.Instance
}

func newJournalAPI(all []target.Instance, at int) journalAPI {
	r := journalAPI{map[string]target.Instance{}}
	for _, i := range all {
		if i.Place == at {
			r.instances[i.InstanceId] = i
		}
	}
	return r
}

// errNotRecorded reports a question that a journal has no answer to.
var errNotRecorded = errors.New("a run's journal has ids and names alone")

func (r journalAPI) AllInstanceSummaries(_ context.Context, request assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		for _, id := range request.InstanceIds {
			if i, ok := r.instances[id]; ok && !yield(assist.InstanceSummary{InstanceId: id, InstanceName: i.InstanceName}, nil) {
				return
			}
		}
	}
}

func (r journalAPI) AllManagedInstances(_ context.Context, request assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error] {
	return func(yield func(assist.ManagedInstance, error) bool) {
		for _, id := range request.InstanceId {
			if i, ok := r.instances[id]; ok && !yield(assist.ManagedInstance{InstanceId: id, InstanceName: i.InstanceName}, nil) {
				return
			}
		}
	}
}

func (r journalAPI) AllInstances(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error] {
	return func(yield func(assist.Instance, error) bool) { yield(assist.Instance{}, errNotRecorded) }
}

func (r journalAPI) CountInstances(context.Context, assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	return assist.InstanceCount{}, errNotRecorded
}

func (r journalAPI) DescribeCloudAssistantStatus(context.Context, *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	return nil, errNotRecorded
}
