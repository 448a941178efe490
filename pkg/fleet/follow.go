package fleet

import (
	"context"
	"sync"
	"time"

	"muster/pkg/assist"
)

// follower looks at what running scripts have written so far, and tells what is new of it. Its looks are beside what the run
// needs: one that fails is left out, and none holds up a round, the fetching of results or the run's end.
type follower struct {
	poller *poller
	turns  chan struct{} // has an element for each look under way
	next   time.Time     // when there may be more looks: they keep the distance that rounds keep

	telling sync.Mutex // has the pieces of an output told in their order, and its end once
	streams map[streamKey]*stream

	mu      sync.Mutex
	looking map[string]bool // invocations
	marks   map[string]mark // how periodic invocations stood when they were looked at
}

type streamKey struct{ invokeID, instanceID string }

// look is whom to ask for in an invocation.
type look struct {
	invokeID   string
	instanceID string // the one that there is something to ask for; empty where there are several
	running    bool   // all of them are
	mark       mark
}

// mark is how far a periodic invocation is.
type mark struct {
	repeats int64
	running bool
}

func newFollower(p *poller) *follower {
	return &follower{
		poller: p, turns: make(chan struct{}, max(p.run.engine.Concurrency, 1)),
		streams: map[streamKey]*stream{}, looking: map[string]bool{}, marks: map[string]mark{},
	}
}

// due are the looks to be taken now. They are taken to be under way from now on.
func (f *follower) due(open []string) []look {
	if f == nil || time.Now().Before(f.next) {
		return nil
	}
	var due []look
	f.poller.run.look(func(s *State) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, id := range open {
			if look, wanted := f.wanted(s, id); wanted && !f.looking[id] {
				f.looking[id], f.marks[id] = true, look.mark
				due = append(due, look)
			}
		}
	})
	if len(due) > 0 {
		f.next = time.Now().Add(time.Duration(len(due)) * pausePerCall)
	}
	return due
}

// wanted tells whether an output in an invocation may have grown: of a script that runs, or that has ended since. Where the
// whole invocation has ended, its results are fetched anyway. It is for who holds both locks.
func (f *follower) wanted(s *State, invokeID string) (look, bool) {
	invocation := &s.Invocations[s.byInvocation[invokeID]]
	if invocation.InvocationStatus.Terminal() || s.sendsFiles() {
		return look{}, false
	}
	l, wanted := look{invokeID: invokeID, running: true}, 0
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
		return look{invokeID: invokeID, mark: l.mark}, l.mark.running || l.mark != f.marks[invokeID]
	}
	if wanted > 1 {
		l.instanceID = ""
	}
	return l, wanted > 0
}

// underWay tells a script that runs, so that its output may grow.
func underWay(status assist.Status) bool {
	return status == assist.StatusRunning || status == assist.StatusStopping
}

// look asks for the outputs as they are now.
func (f *follower) look(ctx context.Context, l look) {
	failed := true
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.looking, l.invokeID)
		if failed {
			delete(f.marks, l.invokeID)
		}
	}()
	select {
	case f.turns <- struct{}{}:
		defer func() { <-f.turns }()
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
		f.tell(l.invokeID, &result)
	}
	failed = false
	p.haveFetched()
}

// tell tells what is new in a result, and its end if it is one. A result whose end has been told has nothing new.
func (f *follower) tell(invokeID string, result *Result) {
	f.telling.Lock()
	defer f.telling.Unlock()
	known, goesOn := false, false
	f.poller.run.look(func(s *State) {
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
		f.emit(key, piece{text: s.release(true)})
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
		f.poller.tellEnd(invokeID, result)
	}
}

func (f *follower) emit(key streamKey, p piece) {
	if p == (piece{}) {
		return
	}
	_ = f.poller.run.emit(linesEvent(f.poller.site, key, p))
}

// end tells the lines whose ends will not be heard of, as the wait is over.
func (f *follower) end() {
	if f == nil {
		return
	}
	f.telling.Lock()
	defer f.telling.Unlock()
	for key, s := range f.streams {
		text, _ := s.tear()
		f.emit(key, piece{text: text})
	}
}
