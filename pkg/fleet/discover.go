package fleet

import (
	"context"
	"time"

	"muster/pkg/assist"
)

// discover finds invocations that were submitted elsewhere; their instances become the targets.
func (p *poller) discover(ctx context.Context, invokeIDs []string) error {
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
	if err := p.run.emit(Event{Event: Planned, Site: p.site}); err != nil {
		return err
	}
	for _, id := range invokeIDs {
		if err := p.run.emit(Event{Event: Submitted, Site: p.site, InvokeId: id, CommandId: found[id].CommandId}); err != nil {
			return err
		}
		p.observe(found[id])
	}
	return nil
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
