package fleet

import (
	"context"
	"slices"
	"time"

	"muster/pkg/assist"
)

// discover finds invocations that were submitted elsewhere; their instances become the targets, or, where only is not nil,
// those of them that are in it.
func (p *poller) discover(ctx context.Context, invokeIDs, only []string) error {
	invokeIDs = once(invokeIDs)
	started := time.Now()
	found := map[string]*assist.Invocation{}
	for {
		p.calls = 0
		for _, id := range invokeIDs {
			if found[id] != nil {
				continue
			}
			invocation, err := p.byId(ctx, id)
			if err != nil {
				return err
			}
			if invocation != nil {
				found[id] = invocation
			} else if time.Since(started) > unknownFor {
				return &UnknownInvocationError{InvokeId: id, RegionId: p.site.RegionId}
			}
		}
		if len(found) == len(invokeIDs) {
			break
		}
		if err := pause(ctx, p.rhythm.next(false, p.calls)); err != nil {
			return err
		}
	}
	if err := p.run.emit(Event{Event: Planned, Site: p.site, NoOutput: p.run.engine.NoOutput}); err != nil {
		return err
	}
	var ids []string
	for _, id := range invokeIDs {
		ids = append(ids, instancesOf(found[id])...)
	}
	if only != nil {
		ids = only
	}
	names := LookUpNames(ctx, p.api, p.site.RegionId, ids, p.run.engine.Concurrency)
	for _, id := range invokeIDs {
		submitted := Event{Event: Submitted, Site: p.site, InvokeId: id, CommandId: found[id].CommandId, Partial: only != nil}
		for _, instance := range instancesOf(found[id]) {
			if only != nil && !slices.Contains(only, instance) {
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

// once is the list without what stands in it again.
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
