package fleet

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// namesPatience limits LookUpNames, because names are only for display.
const namesPatience = 10 * time.Second

// NamesAPI is the part of the service's API that [LookUpNames] needs.
type NamesAPI interface {
	AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error]
	AllManagedInstances(context.Context, assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error]
}

// LookUpNames returns the names of instances by id. It requests 100 per call, or 50 managed instances, with at most concurrency
// calls of each kind at a time. It never fails: an id is missing from the result if the service does not list the instance, a
// permission is missing, an earlier call of the same kind failed, or it took too long.
func LookUpNames(ctx context.Context, api NamesAPI, regionID string, ids []string, concurrency int) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, namesPatience)
	defer cancel()
	l := &nameLookup{api: api, regionID: regionID, names: map[string]string{}}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	managed := func(id string) bool { return strings.HasPrefix(id, managedPrefix) }
	ecs := slices.DeleteFunc(slices.Clone(ids), managed)
	hybrid := slices.DeleteFunc(ids, func(id string) bool { return !managed(id) })

	var kinds sync.WaitGroup
	kinds.Go(func() { l.inChunks(ctx, ecs, assist.MaxDescribedInstances, concurrency, l.ofInstances) })
	kinds.Go(func() { l.inChunks(ctx, hybrid, assist.MaxDescribedManaged, concurrency, l.ofManaged) })
	kinds.Wait()
	return l.names
}

type nameLookup struct {
	api      NamesAPI
	regionID string

	mu    sync.Mutex
	names map[string]string
}

// inChunks calls ask with chunks of the ids. The first error ends all calls.
func (l *nameLookup) inChunks(ctx context.Context, ids []string, size, concurrency int, ask func(context.Context, []string) error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(concurrency, 1))
	for chunk := range slices.Chunk(ids, size) {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return ask(ctx, chunk)
		})
	}
	_ = group.Wait() // instances without a name are shown by their ids
}

func (l *nameLookup) ofInstances(ctx context.Context, ids []string) error {
	request := assist.DescribeInstancesRequest{RegionId: l.regionID, InstanceIds: ids}
	request.MaxResults = assist.MaxDescribedInstances
	for instance, err := range l.api.AllInstanceSummaries(ctx, request) {
		if err != nil {
			return err
		}
		l.add(instance.InstanceId, instance.InstanceName)
	}
	return nil
}

func (l *nameLookup) ofManaged(ctx context.Context, ids []string) error {
	request := assist.DescribeManagedInstancesRequest{RegionId: l.regionID, InstanceId: ids}
	request.MaxResults = assist.MaxDescribedManaged
	for instance, err := range l.api.AllManagedInstances(ctx, request) {
		if err != nil {
			return err
		}
		l.add(instance.InstanceId, instance.InstanceName)
	}
	return nil
}

func (l *nameLookup) add(id, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[id] = name
}
