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

// namesPatience bounds LookUpNames: nothing waits long for what is for the eyes alone.
const namesPatience = 10 * time.Second

// NamesAPI is what LookUpNames asks of the service.
type NamesAPI interface {
	AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error]
	AllManagedInstances(context.Context, assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error]
}

// LookUpNames returns the names of instances by id. It asks for 100 a call, or 50 of managed instances, with at most
// concurrency calls of each kind at a time. It never fails: an id is missing from the result if the service does not list
// the instance, the permission is missing, an earlier call of the same kind failed, or it all took too long.
func LookUpNames(ctx context.Context, api NamesAPI, regionID string, ids []string, concurrency int) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, namesPatience)
	defer cancel()
	l := &nameLookUp{api: api, regionID: regionID, names: map[string]string{}}
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

type nameLookUp struct {
	api      NamesAPI
	regionID string

	mu    sync.Mutex
	names map[string]string
}

// inChunks calls ask with some ids at a time. The first error ends all of it.
func (l *nameLookUp) inChunks(ctx context.Context, ids []string, size, concurrency int, ask func(context.Context, []string) error) {
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
	_ = group.Wait() // without its name, an instance is shown by its id
}

func (l *nameLookUp) ofInstances(ctx context.Context, ids []string) error {
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

func (l *nameLookUp) ofManaged(ctx context.Context, ids []string) error {
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

func (l *nameLookUp) add(id, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[id] = name
}
