package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

// lookUp requests invocations until all of them have been found.
func (p *poller) lookUp(ctx context.Context, w Watched) (map[string]*assist.Invocation, error) {
	started := time.Now()
	found := map[string]*assist.Invocation{}
	for missing := unique(w.InvokeIds); ; {
		p.calls = 0
		if err := p.requestOnce(ctx, missing, found); err != nil {
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
		if err := sleep.For(ctx, p.pollInterval.next(false, p.calls, 0, 0)); err != nil {
			return nil, err
		}
	}
}

// requestOnce requests each invocation once.
func (p *poller) requestOnce(ctx context.Context, ids []string, found map[string]*assist.Invocation) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range ids {
		group.Go(func() error {
			invocation, err := p.pollByID(ctx, id)
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

// adoptWatched adds invocations that have been found to the run.
func (p *poller) adoptWatched(ctx context.Context, w Watched, found map[string]*assist.Invocation) error {
	invokeIDs := unique(w.InvokeIds)
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

// unique returns the list without duplicates.
func unique(ids []string) []string {
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

// UnknownInvocationError reports that the service has no record of an invocation.
type UnknownInvocationError struct {
	InvokeId, RegionId string
	Reason             string   // empty if unknown
	Near               []string // similar ids
}

func (e *UnknownInvocationError) Error() string {
	reason := cmp.Or(e.Reason, "it belongs to another region or account, or is older than the service's records")
	message := fmt.Sprintf("no invocation %s in %s: %s", e.InvokeId, e.RegionId, reason)
	if len(e.Near) > 0 {
		message += "; near it: " + strings.Join(e.Near, ", ")
	}
	return message
}
