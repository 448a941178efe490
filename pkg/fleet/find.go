package fleet

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

const (
	// recordsKept and filesKept are how long the service lists invocations and sent files.
	recordsKept = 30 * 24 * time.Hour
	filesKept   = 24 * time.Hour
	// tokenKnown is how long the service is assumed to remember a ClientToken, which is undocumented.
	tokenKnown = 10 * time.Minute
)

// ForgottenError reports that a call may have been accepted, and that the service no longer has records of that time.
type ForgottenError struct {
	Sent        time.Time
	InstanceIds []string
}

func (e *ForgottenError) Error() string {
	whom := "the instances with its tags"
	if len(e.InstanceIds) > 0 {
		whom = fmt.Sprintf("%d instances (%s, …)", len(e.InstanceIds), e.InstanceIds[0])
	}
	return fmt.Sprintf("a call for %s was in flight at %s, and the service no longer has records to tell whether it was accepted",
		whom, e.Sent.Format(time.RFC3339))
}

// find walks the records of the run's name, or of its command, newest first, back to the first of the batches, and adopts those
// that certainly belong to one of them.
func (p *poller) find(ctx context.Context, command Command, doubted []batchState) error {
	kept := recordsKept
	if p.files {
		kept = filesKept
	}
	oldest := doubted[0].first
	if time.Since(oldest) > kept {
		return &ForgottenError{Sent: oldest, InstanceIds: doubted[0].InstanceIds}
	}
	candidates := map[string][]record{} // by client token
	err := p.records(ctx, oldest.Add(-assist.MaxClockSkew), func(r record) {
		for _, b := range doubted {
			if p.mayMatch(command, b, &r) && !slices.ContainsFunc(candidates[b.ClientToken], func(c record) bool { return c.InvokeId == r.InvokeId }) {
				candidates[b.ClientToken] = append(candidates[b.ClientToken], r)
			}
		}
	})
	if err != nil {
		return fmt.Errorf("search for sent calls: %w", err)
	}
	for _, b := range doubted {
		if err := p.adopt(b, candidates[b.ClientToken]); err != nil {
			return err
		}
	}
	return nil
}

// records walks the records of the run's name, or of its command, newest first, back to a time.
func (p *poller) records(ctx context.Context, since time.Time, each func(record)) error {
	pages := assist.NewListGuard("DescribeInvocations")
	for token := ""; ; {
		page, next, err := p.page(ctx, "", token, p.run.engine.PageSize)
		if err != nil {
			return err
		}
		for _, r := range page {
			each(r)
			if created := assist.ParseTime(r.CreationTime); !created.IsZero() && created.Before(since) {
				return nil
			}
		}
		if token = next; token == "" {
			return nil
		}
		if err := pages.Next(token, invokeIDs(page)); err != nil {
			return err
		}
	}
}

func invokeIDs(page []record) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range page {
			if !yield(r.InvokeId) {
				return
			}
		}
	}
}

// mayMatch reports whether a record can be that of a batch: of the same time, for the same instances, and with the same content if
// the name is not the run's own. The targets of a batch that the service selects are not known.
func (p *poller) mayMatch(command Command, b batchState, r *record) bool {
	known, own := false, false
	p.run.withState(func(s *State) {
		_, known = s.byInvocation[r.InvokeId]
		own = s.RunId != "" && strings.Contains(p.name, s.RunId)
	})
	created := assist.ParseTime(r.CreationTime)
	if known || created.Before(b.first.Add(-assist.MaxClockSkew)) || created.After(b.last.Add(assist.MaxClockSkew)) {
		return false
	}
	if len(b.InstanceIds) > 0 && !slices.Equal(r.instances(), slices.Sorted(slices.Values(b.InstanceIds))) {
		return false
	}
	if own {
		return true
	}
	taken := p.run.engine.Taken
	return r.matches(command.Request(b.Batch)) && (taken == nil || !taken(r.InvokeId))
}

// adopt assigns a record to a batch if it is the only candidate. Among several indistinguishable ones it chooses none: the
// batch is sent again, which the service answers by its token, unless so much time has passed that the service may have
// forgotten it.
func (p *poller) adopt(b batchState, candidates []record) error {
	switch {
	case len(candidates) == 1:
		r := candidates[0]
		return p.run.emit(Event{
			Event: Submitted, Site: b.Site, ClientToken: b.ClientToken, InvokeId: r.InvokeId, CommandId: r.CommandId, Found: true,
		})
	case len(candidates) > 1 && time.Since(b.last) > tokenKnown:
		return p.run.emit(Event{
			Event: Unclear, Site: b.Site, ClientToken: b.ClientToken, Code: "RecordsAmbiguous",
			Message: fmt.Sprintf("the answer to the call was lost, and %d records of the service may belong to it: %s and others", len(candidates), candidates[0].InvokeId),
		})
	}
	return nil
}
