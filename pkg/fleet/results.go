package fleet

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// fetchesAtMost is how often results are asked for before an output counts as lost.
const fetchesAtMost = 8

// fetchSettled fetches the results of the invocations whose aggregate has settled and whose outputs are not all here.
func (p *poller) fetchSettled(ctx context.Context, open []string) error {
	var due []string
	p.run.look(func(s *State) {
		due = slices.DeleteFunc(slices.Clone(open), func(id string) bool {
			return !s.Invocations[s.byInvocation[id]].InvocationStatus.Terminal() || len(s.unfetched(id)) == 0
		})
	})
	return p.fetch(ctx, due)
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
	_ = p.fetch(ctx, due)
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

func (p *poller) fetch(ctx context.Context, invokeIDs []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range invokeIDs {
		group.Go(func() error { return p.fetchOne(ctx, id) })
	}
	return group.Wait()
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
	p.fetches[invokeID]++
	again := p.fetches[invokeID] < fetchesAtMost
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
