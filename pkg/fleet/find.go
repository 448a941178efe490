package fleet

import (
	"context"
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
)

const (
	// clockSkew is how far the service lets a caller's clock be off.
	clockSkew = 15 * time.Minute
	// recordsKept and filesKept are how long the service lists invocations and sent files.
	recordsKept = 30 * 24 * time.Hour
	filesKept   = 24 * time.Hour
)

// ForgottenError tells that a call may have been taken, and that the service keeps no records of that time any more.
type ForgottenError struct {
	Sent        time.Time
	InstanceIds []string
}

func (e *ForgottenError) Error() string {
	whom := "the instances that bear its tags"
	if len(e.InstanceIds) > 0 {
		whom = fmt.Sprintf("%d instances (%s, …)", len(e.InstanceIds), e.InstanceIds[0])
	}
	return fmt.Sprintf("a call for %s was on its way at %s, and nobody can tell any more whether the service took it",
		whom, e.Sent.Format(time.RFC3339))
}

// findDoubted looks for the batches whose calls brought no answer among the service's records. One that is not there has
// not been taken, or so lately that the records do not show it yet: it is sent in its turn, as the same call by its token.
func (r *run) findDoubted(ctx context.Context, plan Plan) error {
	for _, site := range plan.Sites {
		doubted := r.doubted(site)
		if len(doubted) == 0 {
			continue
		}
		if err := newPlanPoller(r, plan, site).find(ctx, doubted); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) doubted(site Site) []*batchState {
	var doubted []*batchState
	r.look(func(s *State) {
		for _, b := range s.batches {
			if b.Site == site && !b.taken && !b.refused {
				doubted = append(doubted, b)
			}
		}
	})
	slices.SortFunc(doubted, func(a, b *batchState) int { return a.first.Compare(b.first) })
	return doubted
}

// find walks the records of the run's name, or of its command, newest first, as far back as the first of the batches.
func (p *poller) find(ctx context.Context, doubted []*batchState) error {
	kept := recordsKept
	if p.files {
		kept = filesKept
	}
	oldest := doubted[0].first
	if time.Since(oldest) > kept {
		return &ForgottenError{Sent: oldest, InstanceIds: doubted[0].InstanceIds}
	}
	for token := ""; ; {
		page, next, err := p.page(ctx, "", token, p.run.engine.PageSize)
		if err != nil {
			return fmt.Errorf("look for what was sent: %w", err)
		}
		for i := range page {
			if err := p.adopt(&page[i], doubted); err != nil {
				return err
			}
			if created := assist.ParseTime(page[i].CreationTime); !created.IsZero() && created.Before(oldest.Add(-clockSkew)) {
				return nil
			}
		}
		if token = next; token == "" {
			return nil
		}
	}
}

// adopt takes a record for the one of a batch that went to the same instances at that time, unless it is another's.
func (p *poller) adopt(record *assist.Invocation, doubted []*batchState) error {
	known := false
	p.run.look(func(s *State) { _, known = s.byInvocation[record.InvokeId] })
	if known {
		return nil
	}
	for _, b := range doubted {
		if !b.taken && b.is(record) {
			return p.run.emit(Event{
				Event: Submitted, Site: b.Site, ClientToken: b.ClientToken, InvokeId: record.InvokeId, CommandId: record.CommandId, Found: true,
			})
		}
	}
	return nil
}

// is tells whether a record can be that of a batch. The targets of one that was left to the service are not known.
func (b *batchState) is(record *assist.Invocation) bool {
	created := assist.ParseTime(record.CreationTime)
	if created.Before(b.first.Add(-clockSkew)) || created.After(b.last.Add(clockSkew)) {
		return false
	}
	if len(b.InstanceIds) == 0 {
		return true
	}
	var ids []string
	for _, instance := range record.InvokeInstances.InvokeInstance {
		ids = append(ids, instance.InstanceId)
	}
	slices.Sort(ids)
	return slices.Equal(ids, slices.Sorted(slices.Values(b.InstanceIds)))
}
