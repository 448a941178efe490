package fleet

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"muster/pkg/assist"
)

// The pauses between two fetches of an invocation's results, while the service does not list all of them.
const (
	firstFetchPause   = 100 * time.Millisecond
	longestFetchPause = 5 * time.Second
)

// fetches are those of one invocation's results.
type fetches struct {
	underWay bool
	began    time.Time     // the first that found outputs missing; zero before
	next     time.Time     // when there may be another one
	pause    time.Duration // before that
}

// due are the invocations that have ended, or of which all targets have, and whose outputs are not all here, nor being fetched. They are
// taken to be from now on. Who is being fetched is asked first: a fetch that ends meanwhile has left its outputs.
func (p *poller) due(open []string) []string {
	p.mu.Lock()
	now := time.Now()
	due := slices.DeleteFunc(slices.Clone(open), func(id string) bool {
		f := p.fetchesOf(id)
		return f.underWay || now.Before(f.next)
	})
	p.mu.Unlock()
	p.run.look(func(s *State) {
		due = slices.DeleteFunc(due, func(id string) bool {
			invocation := &s.Invocations[s.byInvocation[id]]
			over := invocation.InvocationStatus.Terminal() || invocation.partial && s.ended(id)
			return !over || !s.lacksOutputs(id)
		})
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range due {
		p.fetchesOf(id).underWay = true
	}
	return due
}

// fetchesOf is for who holds the lock.
func (p *poller) fetchesOf(invokeID string) *fetches {
	if p.fetches[invokeID] == nil {
		p.fetches[invokeID] = new(fetches)
	}
	return p.fetches[invokeID]
}

// turns are how many fetches may be under way. Where outputs are large it is few: what they have in memory counts then, and
// not the round trip.
type turns struct {
	*semaphore.Weighted
	all    int64
	atOnce atomic.Int64 // how many there may be, by the size of the latest outputs
}

const (
	// smallOutputs is for those of one invocation together.
	smallOutputs = 256 << 10
	// largeAtOnce and unknownAtOnce are how many fetches may be under way where outputs are larger, and where nobody knows.
	largeAtOnce   = 4
	unknownAtOnce = 16
)

func newTurns(n int) *turns {
	t := &turns{Weighted: semaphore.NewWeighted(int64(n)), all: int64(n)}
	t.atOnce.Store(min(unknownAtOnce, t.all))
	return t
}

// learn takes the size of the outputs of one invocation.
func (t *turns) learn(size int) {
	if size <= smallOutputs {
		t.atOnce.Store(t.all)
	} else {
		t.atOnce.Store(min(largeAtOnce, t.all))
	}
}

// take returns the function that gives the turn back.
func (t *turns) take(ctx context.Context) (end func(), err error) {
	n := t.all / t.atOnce.Load()
	if err := t.Acquire(ctx, n); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { t.Release(n) }, nil
}

// fetchInTurn is fetchOne when it is its turn.
func (p *poller) fetchInTurn(ctx context.Context, invokeID string, turns *turns) error {
	end, err := turns.take(ctx)
	if err != nil {
		return err
	}
	defer end()
	size, err := p.fetchOne(ctx, invokeID)
	turns.learn(size)
	p.mu.Lock()
	p.fetchesOf(invokeID).underWay = false
	p.mu.Unlock()
	p.haveFetched()
	return err
}

func (p *poller) haveFetched() { signal(p.fetched) }

// fetchEnded fetches what there is of the outputs of invocations that are not settled. It is the last look of an
// interrupted run, and what fails is left out.
func (p *poller) fetchEnded(ctx context.Context) {
	var due []string
	p.run.look(func(s *State) {
		for _, invocation := range s.Invocations {
			if invocation.Site == p.site && s.lacksOutputs(invocation.InvokeId) {
				due = append(due, invocation.InvokeId)
			}
		}
	})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range due {
		group.Go(func() error {
			_, err := p.fetchOne(ctx, id)
			return err
		})
	}
	_ = group.Wait()
}

// lacksOutputs reports whether there are such as unfetched returns.
func (s *State) lacksOutputs(invokeID string) bool {
	return slices.ContainsFunc(s.Invocations[s.byInvocation[invokeID]].InstanceIds, func(id string) bool {
		return s.lacksOutput(s.target(invokeID, id))
	})
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

// fetchOne goes through all pages of an invocation's results, and tells how large the outputs are together. A result that is
// not final yet is left for a later look.
func (p *poller) fetchOne(ctx context.Context, invokeID string) (size int, err error) {
	request := assist.DescribeInvocationResultsRequest{RegionId: p.site.RegionId, InvokeId: invokeID, ContentEncoding: assist.Base64}
	request.MaxResults = int64(p.run.engine.PageSize)
	for record, err := range p.api.AllInvocationResults(ctx, request) {
		if err != nil {
			return size, err
		}
		size += len(record.Output)
		if !p.wants(invokeID, record.InstanceId) {
			continue
		}
		result := ResultOf(&record)
		p.tell(invokeID, &result)
	}
	p.giveUpLost(invokeID)
	return size, nil
}

// wants reports whether the instance of an invocation is a target, or may become one.
func (p *poller) wants(invokeID, instanceID string) (wants bool) {
	p.run.look(func(s *State) {
		wants = !s.Invocations[s.byInvocation[invokeID]].partial || s.target(invokeID, instanceID) != nil
	})
	return wants
}

// tell tells of a result that is an end, and of what is new in any where somebody follows.
func (p *poller) tell(invokeID string, result *Result) {
	switch {
	case p.follower != nil:
		p.follower.tell(invokeID, result)
	case result.InvocationStatus.Terminal():
		p.tellEnd(invokeID, result)
	}
}

func (p *poller) tellEnd(invokeID string, result *Result) {
	_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: result})
}

// giveUpLost ends the wait for outputs that the service has not listed for too long. Until then, they are asked for again
// after pauses that grow.
func (p *poller) giveUpLost(invokeID string) {
	var missing []TargetStatus
	p.run.look(func(s *State) { missing = s.unfetched(invokeID) })
	if len(missing) == 0 || p.missedAgain(invokeID) {
		return
	}
	for _, status := range missing {
		_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: &Result{TargetStatus: status, Lost: true}})
	}
}

// missedAgain counts a fetch that did not find all outputs, and reports whether there is to be another one.
func (p *poller) missedAgain(invokeID string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, now := p.fetchesOf(invokeID), time.Now()
	if f.began.IsZero() {
		f.began = now
	}
	f.pause = min(max(f.pause*3/2, firstFetchPause), longestFetchPause)
	f.next = now.Add(f.pause)
	return now.Sub(f.began) < p.run.engine.patience()
}

// ResultOf reads a result, whose output is in Base64 unless its Encoding says otherwise. An output that cannot be decoded is kept
// as it came. Where bytes were dropped, the remains of characters that were cut are dropped, too.
func ResultOf(r *assist.InvocationResult) Result {
	plain := r.Output
	if r.Encoding != assist.PlainText {
		if decoded, err := assist.DecodeContent(r.Output, assist.Base64); err == nil {
			plain = string(decoded)
		}
	}
	output, dropped := trimCut(plain, r.Dropped)
	return Result{
		TargetStatus: TargetStatus{
			InstanceId: r.InstanceId, InvocationStatus: r.Status(), ExitCode: r.ExitCode, ErrorCode: r.ErrorCode,
			ErrorInfo: r.ErrorInfo, StartTime: r.StartTime, FinishTime: r.FinishedTime, Dropped: dropped,
		},
		Output: Output(output),
		Delivery: Delivery{
			OssOutputStatus: r.OssOutputStatus, OssOutputUri: r.OssOutputUri,
			OssOutputErrorCode: r.OssOutputErrorCode, OssOutputErrorInfo: r.OssOutputErrorInfo,
		},
	}
}
