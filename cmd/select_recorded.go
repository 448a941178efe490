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

// recordedTargets returns the targets of a run that a selector matches. If ids and names are sufficient, they are read from the
// journal without a call.
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
		return nil, usagef("run %s was sent to a lab that ended with it: choose its instances by ids and names only", record.RunId)
	}
	all, err := fd.reconnect(ctx, record.Header)
	if err != nil {
		return nil, err
	}
	return chosen, fd.useSites(ctx, all, func(all sites) error { return choose(fd.resolver(all)) })
}

// journalAPI answers requests for instances of one place from a journal.
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

// errNotRecorded is returned for requests that a journal cannot answer.
var errNotRecorded = errors.New("a run's journal has only ids and names")

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
