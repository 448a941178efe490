package fleet

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// fetchesAtMost is how often results are asked for before an output counts as lost.
const fetchesAtMost = 8

// fetches are those of one invocation's results.
type fetches struct {
	done     int
	underWay bool
}

// due are the invocations whose aggregate has settled and whose outputs are not all here, nor being fetched. They are
// taken to be from now on.
func (p *poller) due(open []string) []string {
	var due []string
	p.run.look(func(s *State) {
		due = slices.DeleteFunc(slices.Clone(open), func(id string) bool {
			return !s.Invocations[s.byInvocation[id]].InvocationStatus.Terminal() || len(s.unfetched(id)) == 0
		})
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(due, func(id string) bool {
		f := p.fetchesOf(id)
		again := f.underWay
		f.underWay = true
		return again
	})
}

// fetchesOf is for who holds the lock.
func (p *poller) fetchesOf(invokeID string) *fetches {
	if p.fetches[invokeID] == nil {
		p.fetches[invokeID] = new(fetches)
	}
	return p.fetches[invokeID]
}

// fetchInTurn is fetchOne, of which so many are under way as there are turns.
func (p *poller) fetchInTurn(ctx context.Context, invokeID string, turns chan struct{}) error {
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := p.fetchOne(ctx, invokeID)
	p.mu.Lock()
	p.fetchesOf(invokeID).underWay = false
	p.mu.Unlock()
	select {
	case p.fetched <- struct{}{}:
	default:
	}
	return err
}

// fetchEnded fetches what there is of the outputs of invocations that are not settled. It is the last look of an
// interrupted run, and what fails is left out.
func (p *poller) fetchEnded(ctx context.Context) {
	var due []string
	p.run.look(func(s *State) {
		for _, invocation := range s.Invocations {
			if invocation.Site == p.site && len(s.unfetched(invocation.InvokeId)) > 0 {
				due = append(due, invocation.InvokeId)
			}
		}
	})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range due {
		group.Go(func() error { return p.fetchOne(ctx, id) })
	}
	_ = group.Wait()
}

// unfetched are the targets of an invocation that have ended, and whose outputs are not here.
func (s *State) unfetched(invokeID string) []TargetStatus {
	var left []TargetStatus
	for _, id := range s.Invocations[s.byInvocation[invokeID]].InstanceIds {
		if t := s.target(invokeID, id); s.lacksOutput(t) {
			left = append(left, t.TargetStatus)
		}
	}
	return left
}

// fetchOne goes through all pages of an invocation's results. A result that is not final yet is left for a later look.
func (p *poller) fetchOne(ctx context.Context, invokeID string) error {
	request := assist.DescribeInvocationResultsRequest{RegionId: p.site.RegionId, InvokeId: invokeID, ContentEncoding: assist.Base64}
	request.MaxResults = int64(p.run.engine.PageSize)
	for record, err := range p.api.AllInvocationResults(ctx, request) {
		if err != nil {
			return err
		}
		if result := ResultOf(&record); result.InvocationStatus.Terminal() {
			_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: &result})
		}
	}
	p.giveUpLost(invokeID)
	return nil
}

// giveUpLost ends the wait for outputs that the service does not have, after some looks.
func (p *poller) giveUpLost(invokeID string) {
	p.mu.Lock()
	f := p.fetchesOf(invokeID)
	f.done++
	again := f.done < fetchesAtMost
	p.mu.Unlock()
	if again {
		return
	}
	var lost []TargetStatus
	p.run.look(func(s *State) { lost = s.unfetched(invokeID) })
	for _, status := range lost {
		_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: &Result{TargetStatus: status, Lost: true}})
	}
}

// ResultOf reads a result, whose output is in Base64. An output that cannot be decoded is kept as it came.
func ResultOf(r *assist.InvocationResult) Result {
	output, err := assist.DecodeContent(r.Output, assist.Base64)
	if err != nil {
		output = []byte(r.Output)
	}
	return Result{
		TargetStatus: TargetStatus{
			InstanceId: r.InstanceId, InvocationStatus: r.Status(), ExitCode: r.ExitCode, ErrorCode: r.ErrorCode,
			ErrorInfo: r.ErrorInfo, StartTime: r.StartTime, FinishTime: r.FinishedTime, Dropped: r.Dropped,
		},
		Output: Output(output),
	}
}
