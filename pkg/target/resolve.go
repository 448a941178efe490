package target

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// API is what is asked of the service.
type API interface {
	AllInstanceSummaries(context.Context, assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error]
	DescribeCloudAssistantStatus(context.Context, *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error)
}

// Resolver asks the service who there is. It sends nothing to any instance.
type Resolver struct {
	API         API
	RegionId    string
	PageSize    int // ids a DescribeCloudAssistantStatus
	Concurrency int // calls in flight
}

// NotFoundError tells that a selector matches no instance.
type NotFoundError struct {
	RegionId string
	Ids      []string // those that were named, if any were
}

func (e *NotFoundError) Error() string {
	// A user who may not list instances gets an empty list from the service, not an error.
	const permission = "or these credentials may not list instances (ecs:DescribeInstances)"
	switch len(e.Ids) {
	case 0:
		return fmt.Sprintf("the selector matches no instance in %s, %s", e.RegionId, permission)
	case 1:
		return fmt.Sprintf("there is no instance %s in %s, %s", e.Ids[0], e.RegionId, permission)
	}
	return fmt.Sprintf("there is none of the %d instances (%s, …) in %s, %s", len(e.Ids), e.Ids[0], e.RegionId, permission)
}

// Resolve finds the instances of a selector, each once: the named ones first, in the order in which they were named, then
// the tagged ones. A named instance that the service does not list is among them, with an empty Status; when none of
// them is listed, that is a *NotFoundError.
func (r *Resolver) Resolve(ctx context.Context, s Selector) ([]Instance, error) {
	named, err := r.byId(ctx, unique(s.InstanceIds))
	if err != nil {
		return nil, fmt.Errorf("look up instances: %w", err)
	}
	call, ctx := r.callRoll(ctx, s)
	for _, instance := range named {
		call.add(ctx, instance)
	}
	if len(s.Tags) > 0 || s.All {
		err = r.byTag(ctx, s.Tags, func(i Instance) { call.add(ctx, i) })
	}
	all, agentErr := call.end(ctx)
	switch {
	case agentErr != nil: // which has ended the looking up
		return nil, fmt.Errorf("ask for the agents' status: %w", agentErr)
	case err != nil:
		return nil, fmt.Errorf("look up instances: %w", err)
	case !slices.ContainsFunc(all, func(i Instance) bool { return i.Status != "" }):
		return nil, &NotFoundError{RegionId: r.RegionId, Ids: unique(s.InstanceIds)}
	}
	return all, nil
}

func unique(ids []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		twice := seen[id]
		seen[id] = true
		return twice
	})
}

func (r *Resolver) byId(ctx context.Context, ids []string) ([]Instance, error) {
	all := make([]Instance, len(ids))
	place := map[string]int{}
	for i, id := range ids {
		all[i].InstanceId = id
		place[id] = i
	}
	err := r.inChunks(ctx, ids, assist.MaxDescribedInstances, func(ctx context.Context, chunk []string) error {
		request := assist.DescribeInstancesRequest{RegionId: r.RegionId, InstanceIds: chunk}
		request.MaxResults = assist.MaxDescribedInstances
		for instance, err := range r.API.AllInstanceSummaries(ctx, request) {
			if err != nil {
				return err
			}
			if i, ok := place[instance.InstanceId]; ok {
				all[i] = fromInstance(instance)
			}
		}
		return nil
	})
	return all, err
}

// byTag goes from page to page by NextToken. Pages by PageNumber could be asked for at the same time, but instances that come
// and go meanwhile shift them, so that others would be left out.
func (r *Resolver) byTag(ctx context.Context, tags []assist.TagFilter, found func(Instance)) error {
	request := assist.DescribeInstancesRequest{RegionId: r.RegionId, Tag: tags}
	request.MaxResults = assist.MaxDescribedInstances
	for instance, err := range r.API.AllInstanceSummaries(ctx, request) {
		if err != nil {
			return err
		}
		found(fromInstance(instance))
	}
	return nil
}

// Agents asks how the agents on instances are, by instance id. Those that the service says nothing of are not among them.
func (r *Resolver) Agents(ctx context.Context, ids []string) (map[string]assist.InstanceCloudAssistantStatus, error) {
	agents := map[string]assist.InstanceCloudAssistantStatus{}
	var mu sync.Mutex
	err := r.inChunks(ctx, ids, r.PageSize, func(ctx context.Context, chunk []string) error {
		answer, err := r.agents(ctx, chunk)
		mu.Lock()
		defer mu.Unlock()
		for _, agent := range answer {
			agents[agent.InstanceId] = agent
		}
		return err
	})
	return agents, err
}

// agents is one call.
func (r *Resolver) agents(ctx context.Context, ids []string) ([]assist.InstanceCloudAssistantStatus, error) {
	answer, err := r.API.DescribeCloudAssistantStatus(ctx, &assist.DescribeCloudAssistantStatusRequest{
		RegionId: r.RegionId, InstanceId: ids,
	})
	if err != nil {
		return nil, err
	}
	return answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus, nil
}

func (r *Resolver) inChunks(ctx context.Context, ids []string, size int, ask func(context.Context, []string) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(r.Concurrency, 1))
	for chunk := range slices.Chunk(ids, max(size, 1)) {
		group.Go(func() error { return ask(ctx, chunk) })
	}
	return group.Wait()
}
