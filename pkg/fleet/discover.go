package fleet

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

// discover finds invocations that were submitted elsewhere; their instances become the targets, or, where Only is not nil,
// those of them that are in it.
func (r *run) discover(ctx context.Context, watched []Watched) error {
	found := make([]map[string]*assist.Invocation, len(watched))
	planned := Event{Event: Planned, NoOutput: r.engine.NoOutput}
	for i, w := range watched {
		var err error
		if found[i], err = r.pollers[i].lookUp(ctx, w); err != nil {
			return err
		}
		planned.Sites = append(planned.Sites, w.Site)
	}
	if len(watched) == 1 {
		planned.Site, planned.Sites = watched[0].Site, nil
	}
	if err := r.emit(planned); err != nil {
		return err
	}
	for i, w := range watched {
		if err := r.pollers[i].adoptWatched(ctx, w, found[i]); err != nil {
			return err
		}
	}
	return nil
}

// lookUp asks for invocations until all of them have been found.
func (p *poller) lookUp(ctx context.Context, w Watched) (map[string]*assist.Invocation, error) {
	started := time.Now()
	found := map[string]*assist.Invocation{}
	for missing := once(w.InvokeIds); ; {
		p.calls = 0
		if err := p.lookUpOnce(ctx, missing, found); err != nil {
			return nil, err
		}
		missing = slices.DeleteFunc(missing, func(id string) bool { return found[id] != nil })
		if len(missing) == 0 {
			return found, nil
		}
		patience := unsentFor
		if w.Sent != nil && w.Sent(missing[0]) {
			patience = unknownFor
		}
		if time.Since(started) > patience {
			return nil, &UnknownInvocationError{InvokeId: missing[0], RegionId: p.site.RegionId}
		}
		if err := sleep.For(ctx, p.rhythm.next(false, p.calls, 0, 0)); err != nil {
			return nil, err
		}
	}
}

// lookUpOnce asks once for invocations, for some at a time.
func (p *poller) lookUpOnce(ctx context.Context, ids []string, found map[string]*assist.Invocation) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range ids {
		group.Go(func() error {
			invocation, err := p.byId(ctx, id)
			if invocation != nil {
				mu.Lock()
				defer mu.Unlock()
				found[id] = invocation
			}
			return err
		})
	}
	return group.Wait()
}

// adoptWatched takes in invocations that have been found.
func (p *poller) adoptWatched(ctx context.Context, w Watched, found map[string]*assist.Invocation) error {
	invokeIDs := once(w.InvokeIds)
	var ids []string
	for _, id := range invokeIDs {
		ids = append(ids, instancesOf(found[id])...)
	}
	if w.Only != nil {
		ids = w.Only
	}
	names := LookUpNames(ctx, p.api, p.site.RegionId, ids, p.run.engine.Concurrency)
	for _, id := range invokeIDs {
		submitted := Event{Event: Submitted, Site: p.site, InvokeId: id, CommandId: found[id].CommandId, Partial: w.Only != nil}
		for _, instance := range instancesOf(found[id]) {
			if w.Only != nil && !slices.Contains(w.Only, instance) {
				continue
			}
			submitted.Targets = append(submitted.Targets, Target{InstanceId: instance, InstanceName: names[instance]})
		}
		if err := p.run.emit(submitted); err != nil {
			return err
		}
		p.observe(found[id])
	}
	return nil
}

func instancesOf(invocation *assist.Invocation) []string {
	var ids []string
	for i := range invocation.InvokeInstances.InvokeInstance {
		ids = append(ids, invocation.InvokeInstances.InvokeInstance[i].InstanceId)
	}
	return ids
}

// once returns the list without repetitions.
func once(ids []string) []string {
	seen := map[string]bool{}
	var list []string
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	return list
}
