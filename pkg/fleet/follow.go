package fleet

import (
	"context"
	"sync"
	"time"

	"muster/pkg/assist"
)

// follower fetches what running scripts have written so far, and emits what is new. Its calls are optional: a failed one is
// ignored, and none delays a polling round, the fetching of results or the end of the run.
type follower struct {
	poller *poller
	slots  chan struct{} // has an element for each fetch in progress
	next   time.Time     // the time of the next fetches, which keep the interval of polling rounds

	emitting sync.Mutex // keeps the chunks of an output in order, and emits its end once
	streams  map[streamKey]*stream

	mu       sync.Mutex
	fetching map[string]bool // by invocation
	marks    map[string]mark // the progress of periodic invocations at their last fetch
}

type streamKey struct{ invokeID, instanceID string }

// outputFetch is a fetch of the outputs of an invocation.
type outputFetch struct {
	invokeID   string
	instanceID string // the only instance to fetch; empty for several
	running    bool   // all of these instances are running
	mark       mark
}

// mark is the progress of a periodic invocation.
type mark struct {
	repeats int64
	running bool
}

func newFollower(p *poller) *follower {
	return &follower{
		poller: p, slots: make(chan struct{}, max(p.run.engine.Concurrency, 1)),
		streams: map[streamKey]*stream{}, fetching: map[string]bool{}, marks: map[string]mark{},
	}
}

// due returns the fetches to make now. They count as in progress from now on.
func (f *follower) due(open []string) []outputFetch {
	if f == nil || time.Now().Before(f.next) {
		return nil
	}
	var due []outputFetch
	f.poller.run.withState(func(s *State) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range open {
			if fetch, wanted := f.wanted(s, id); wanted && !f.fetching[id] {
				f.fetching[id], f.marks[id] = true, fetch.mark
				due = append(due, fetch)
			}
		}
	})
	if len(due) > 0 {
		f.next = time.Now().Add(time.Duration(len(due)) * pausePerCall)
	}
	return due
}

// wanted reports whether an output of an invocation may have grown, because its script runs or has ended since. If the whole
// invocation has ended, its results are fetched anyway. The caller holds both locks.
func (f *follower) wanted(s *State, invokeID string) (outputFetch, bool) {
	invocation := &s.Invocations[s.byInvocation[invokeID]]
	if invocation.InvocationStatus.Terminal() || s.sendsFiles() {
		return outputFetch{}, false
	}
	l, wanted := outputFetch{invokeID: invokeID, running: true}, 0
	for _, id := range invocation.InstanceIds {
		t := s.target(invokeID, id)
		running := t.Cause == "" && underWay(t.InvocationStatus)
		l.mark.repeats += t.Repeats
		l.mark.running = l.mark.running || running
		if running || s.lacksOutput(t) {
			wanted++
			l.instanceID = id
			l.running = l.running && t.InvocationStatus == assist.StatusRunning
		}
	}
	if invocation.Periodic {
		return outputFetch{invokeID: invokeID, mark: l.mark}, l.mark.running || l.mark != f.marks[invokeID]
	}
	if wanted > 1 {
		l.instanceID = ""
	}
	return l, wanted > 0
}

// underWay reports whether a script is running, so that its output may grow.
func underWay(status assist.Status) bool {
	return status == assist.StatusRunning || status == assist.StatusStopping
}

// fetch fetches the current outputs.
func (f *follower) fetch(ctx context.Context, l outputFetch) {
	failed := true
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.fetching, l.invokeID)
		if failed {
			delete(f.marks, l.invokeID)
		}
	}()
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return
	}
	p := f.poller
	request := assist.DescribeInvocationResultsRequest{
		RegionId: p.site.RegionId, InvokeId: l.invokeID, InstanceId: l.instanceID, ContentEncoding: assist.Base64,
	}
	if l.running && l.instanceID == "" {
		request.InvokeRecordStatus = string(assist.StatusRunning)
	}
	request.MaxResults = int64(p.run.engine.PageSize)
	for record, err := range p.api.AllInvocationResults(ctx, request) {
		if err != nil {
			return
		}
		result := ResultOf(&record)
		f.report(l.invokeID, &result)
	}
	failed = false
	p.haveFetched()
}

// report emits what is new in a result, and its end if it is final. A result whose end has been emitted has nothing new.
func (f *follower) report(invokeID string, result *Result) {
	f.emitting.Lock()
	defer f.emitting.Unlock()
	known, goesOn := false, false
	f.poller.run.withState(func(s *State) {
		t := s.target(invokeID, result.InstanceId)
		known = t == nil || t.HasResult
		invocation := &s.Invocations[s.byInvocation[invokeID]]
		goesOn = invocation.Periodic && !invocation.InvocationStatus.Terminal()
	})
	if known {
		return
	}
	ended := result.InvocationStatus.Terminal() || goesOn && !underWay(result.InvocationStatus)
	key := streamKey{invokeID, result.InstanceId}
	s := f.streams[key]
	if goesOn && s != nil && s.begun != result.StartTime {
		f.emit(key, chunk{text: s.release(true)})
		s = nil
	}
	if s == nil {
		s = &stream{secrets: f.poller.run.engine.Secrets, begun: result.StartTime}
		f.streams[key] = s
	}
	for _, piece := range s.take(string(result.Output), result.Dropped, ended) {
		f.emit(key, piece)
	}
	if result.InvocationStatus.Terminal() && !goesOn {
		delete(f.streams, key)
		f.poller.emitEnd(invokeID, result)
	}
}

func (f *follower) emit(key streamKey, p chunk) {
	if p == (chunk{}) {
		return
	}
	_ = f.poller.run.emit(linesEvent(f.poller.site, key, p))
}

// end emits incomplete lines, because their ends will not be fetched.
func (f *follower) end() {
	if f == nil {
		return
	}
	f.emitting.Lock()
	defer f.emitting.Unlock()
	for key, s := range f.streams {
		text, _ := s.flush()
		f.emit(key, chunk{text: text})
	}
}
