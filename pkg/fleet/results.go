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

// The pauses between two fetches of an invocation's results while the service does not list all of them.
const (
	firstFetchPause   = 100 * time.Millisecond
	longestFetchPause = 5 * time.Second
)

// fetches are the fetches of one invocation's results.
type fetches struct {
	underWay bool
	began    time.Time     // when a fetch first found outputs missing
	next     time.Time     // the earliest time of another fetch
	pause    time.Duration // the pause before next
}

// due returns the invocations that have ended, or all of whose targets have, whose outputs are neither known nor being fetched.
// They count as being fetched from now on. It checks the fetches in progress first, because a fetch that ends meanwhile has
// stored its outputs.
func (p *poller) due(open []string) []string {
	p.mu.Lock()
	now := time.Now()
	due := slices.DeleteFunc(slices.Clone(open), func(id string) bool {
		f := p.fetchesOf(id)
		return f.underWay || now.Before(f.next)
	})
	p.mu.Unlock()
	p.run.withState(func(s *State) {
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

// fetchesOf returns the fetches of an invocation. The caller holds the lock.
func (p *poller) fetchesOf(invokeID string) *fetches {
	if p.fetches[invokeID] == nil {
		p.fetches[invokeID] = new(fetches)
	}
	return p.fetches[invokeID]
}

// fetchLimiter limits the number of fetches in progress. If outputs are large the limit is low, because then their memory counts more
// than the round trips.
type fetchLimiter struct {
	*semaphore.Weighted
	all    int64
	atOnce atomic.Int64 // the current limit, by the size of the latest outputs
}

const (
	// smallOutputs is the size up to which the outputs of one invocation together are small.
	smallOutputs = 256 << 10
	// largeAtOnce and unknownAtOnce are the limits for larger outputs, and for outputs of unknown size.
	largeAtOnce   = 4
	unknownAtOnce = 16
)

func newFetchLimiter(n int) *fetchLimiter {
	t := &fetchLimiter{Weighted: semaphore.NewWeighted(int64(n)), all: int64(n)}
	t.atOnce.Store(min(unknownAtOnce, t.all))
	return t
}

// learn adapts the limit to the size of the outputs of one invocation.
func (t *fetchLimiter) learn(size int) {
	if size <= smallOutputs {
		t.atOnce.Store(t.all)
	} else {
		t.atOnce.Store(min(largeAtOnce, t.all))
	}
}

// acquire waits for a turn, and returns the function that ends it.
func (t *fetchLimiter) acquire(ctx context.Context) (end func(), err error) {
	n := t.all / t.atOnce.Load()
	if err := t.Acquire(ctx, n); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { t.Release(n) }, nil
}

// fetchLimited is fetchOne within the limit.
func (p *poller) fetchLimited(ctx context.Context, invokeID string, limiter *fetchLimiter) error {
	end, err := limiter.acquire(ctx)
	if err != nil {
		return err
	}
	defer end()
	size, err := p.fetchOne(ctx, invokeID)
	limiter.learn(size)
	p.mu.Lock()
	p.fetchesOf(invokeID).underWay = false
	p.mu.Unlock()
	p.haveFetched()
	return err
}

func (p *poller) haveFetched() { signal(p.fetched) }

// fetchEnded fetches the available outputs of invocations that are not settled, at the end of an interrupted run. It ignores
// errors.
func (p *poller) fetchEnded(ctx context.Context) {
	var due []string
	p.run.withState(func(s *State) {
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

// fetchOne fetches all pages of an invocation's results, and returns the total size of the outputs. Results that are not final
// are left for a later fetch.
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
		p.report(invokeID, &result)
	}
	p.giveUpLost(invokeID)
	return size, nil
}

// wants reports whether an instance of an invocation is a target, or may become one.
func (p *poller) wants(invokeID, instanceID string) (wants bool) {
	p.run.withState(func(s *State) {
		wants = !s.Invocations[s.byInvocation[invokeID]].partial || s.target(invokeID, instanceID) != nil
	})
	return wants
}

// report emits a result that is final, and what is new in any result if the run is followed.
func (p *poller) report(invokeID string, result *Result) {
	switch {
	case p.follower != nil:
		p.follower.report(invokeID, result)
	case result.InvocationStatus.Terminal():
		p.emitEnd(invokeID, result)
	}
}

func (p *poller) emitEnd(invokeID string, result *Result) {
	_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: result})
}

// giveUpLost ends the wait for outputs that the service has not listed for too long. Until then, they are requested again after
// increasing pauses.
func (p *poller) giveUpLost(invokeID string) {
	var missing []TargetStatus
	p.run.withState(func(s *State) { missing = s.unfetched(invokeID) })
	if len(missing) == 0 || p.missedAgain(invokeID) {
		return
	}
	for _, status := range missing {
		_ = p.run.emit(Event{Event: OutputEvent, Site: p.site, InvokeId: invokeID, Result: &Result{TargetStatus: status, Lost: true}})
	}
}

// missedAgain counts a fetch that did not find all outputs, and reports whether another one should follow.
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

// ResultOf converts a result, whose output is in Base64 unless its Encoding says otherwise. An output that cannot be decoded is
// kept as received. If bytes were dropped, partial characters next to them are dropped, too.
func ResultOf(r *assist.InvocationResult) Result {
	plain := r.Output
	if r.Encoding != assist.PlainText {
		if decoded, err := assist.DecodeContent(r.Output, assist.Base64); err == nil {
			plain = string(decoded)
		}
	}
	output, dropped := trimPartialRunes(plain, r.Dropped)
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
