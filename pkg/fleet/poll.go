package fleet

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// byIdAtMost bounds the questions for single invocations in one round. They take turns.
	byIdAtMost = 10
	// unknownFor is how long an invocation that is known to have been submitted may be missing from the service's answers: a
	// Describe right after a submit may find nothing yet.
	unknownFor = 10 * time.Second
	// unsentFor is how long another one may be missing, of which nobody knows whether it exists.
	unsentFor = time.Second
	// missingFor is how long the service may leave an instance out of an invocation that it calls settled.
	missingFor = 20 * time.Second
)

// poller asks how invocations stand, until all are settled. One page of the run's name tells of many invocations; what
// such pages do not tell of is asked for by its InvokeId.
type poller struct {
	run       *run
	site      Site
	api       API
	wake      chan struct{} // has an element when something was submitted, or all has been
	fetched   chan struct{} // has an element when results were fetched
	name      string        // of the run's commands; empty when it has none of its own
	commandID string        // of a saved command that the run invokes
	files     bool          // files were sent, and the records are of another action
	rhythm    rhythm
	follower  *follower      // nil where nobody follows
	asked     map[string]int // how often an invocation was asked for by its id

	mu      sync.Mutex
	calls   int                  // of the round
	ended   bool                 // something did, in the round
	missing map[string]time.Time // since when a settled invocation has lacked an instance
	unseen  map[string]time.Time // since when the service has not listed an invocation
	strange map[string]time.Time // since when an invocation has been in a state unknown to muster
	fetches map[string]*fetches
}

func newPoller(r *run, site Site) *poller {
	p := &poller{
		run: r, site: site, api: r.engine.APIs[site], wake: make(chan struct{}, 1), fetched: make(chan struct{}, 1),
		rhythm: rhythm{started: time.Now(), longest: longestPause}, asked: map[string]int{}, missing: map[string]time.Time{}, unseen: map[string]time.Time{}, strange: map[string]time.Time{},
		fetches: map[string]*fetches{},
	}
	if r.engine.Follow {
		p.rhythm.longest = followPause
		p.follower = newFollower(p)
	}
	return p
}

// newPlanPoller asks for a plan's invocations at a site, also by what they share there.
func newPlanPoller(r *run, plan Plan, site Site) *poller {
	p := newPoller(r, site)
	p.name, p.commandID = plan.Command.name(site)
	p.files = plan.Command.Send != nil
	return p
}

// untilSettled returns nil when everything that was submitted has settled and nothing more is to be submitted. Results are
// fetched while it goes on asking; the first error ends both.
func (p *poller) untilSettled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	fetching, asking := errgroup.WithContext(ctx)
	err := p.ask(asking, fetching)
	if err != nil && asking.Err() != nil && !gaveUp(err) {
		err = context.Cause(asking)
	}
	cancel()
	_ = fetching.Wait() // what it fails with now is the end of its context, or is told already
	return err
}

func (p *poller) ask(ctx context.Context, fetching *errgroup.Group) error {
	turns := newTurns(max(p.run.engine.Concurrency, 1))
	fetch := func(ids []string) {
		for _, id := range p.due(ids) {
			fetching.Go(func() error { return p.fetchInTurn(ctx, id, turns) })
		}
	}
	for {
		open, done := p.left()
		if done {
			return nil
		}
		if len(open) == 0 {
			select {
			case <-p.wake:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		began := time.Now()
		if err := p.round(ctx, open, fetch); err != nil {
			return err
		}
		took := time.Since(began)
		p.run.roundEnded()
		for _, look := range p.follower.due(open) {
			fetching.Go(func() error { p.follower.look(ctx, look); return nil })
		}
		if err := p.rest(ctx, p.rhythm.next(p.ended, p.calls, took, p.run.turnover())); err != nil {
			return err
		}
	}
}

// rest waits until the next round is due, or nothing is left to ask for.
func (p *poller) rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		if open, _ := p.left(); len(open) == 0 {
			return nil
		}
		select {
		case <-timer.C:
			return nil
		case <-p.fetched:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// left are the invocations that are to be asked for; it is done when there are none, and none is to come.
func (p *poller) left() (open []string, done bool) {
	p.run.look(func(s *State) {
		for i := range s.Invocations {
			if invocation := &s.Invocations[i]; invocation.Site == p.site && !invocation.settled() {
				open = append(open, invocation.InvokeId)
			}
		}
		done = !p.run.submitting && len(open) == 0
	})
	return open, done
}

func (p *poller) nudge() { signal(p.wake) }

// signal wakes whoever waits for an element of a channel with room for one. It does nothing if there is one already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// round asks once for all that is open and still lacks an end, and has results fetched as soon as an end is known: there are
// pages to come, and the first one has what is newest.
func (p *poller) round(ctx context.Context, open []string, fetch func(invokeIDs []string)) error {
	p.calls, p.ended = 0, false
	var running []string
	p.run.look(func(s *State) { running = slices.DeleteFunc(slices.Clone(open), s.ended) })
	told := map[string]bool{}
	if err := p.byName(ctx, running, told, fetch); err != nil {
		return err
	}
	isTold := func(id string) bool { return told[id] }
	untold := slices.DeleteFunc(running, isTold)
	slices.SortStableFunc(untold, func(a, b string) int { return p.asked[a] - p.asked[b] })
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range untold[:min(len(untold), byIdAtMost)] {
		p.asked[id]++
		group.Go(func() error {
			invocation, err := p.byId(groupCtx, id)
			if err != nil || invocation != nil {
				return err
			}
			return p.unlisted(id)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fetch(slices.DeleteFunc(slices.Clone(open), isTold))
	return nil
}

// unlisted ends the wait for an invocation that the service has not listed for too long. It is no error: there may be
// others to wait for.
func (p *poller) unlisted(invokeID string) error {
	p.mu.Lock()
	since, before := p.unseen[invokeID]
	if !before {
		p.unseen[invokeID] = time.Now()
	}
	p.mu.Unlock()
	if !before || time.Since(since) < p.run.engine.patience() {
		return nil
	}
	message := (&UnknownInvocationError{InvokeId: invokeID, RegionId: p.site.RegionId}).Error()
	return p.run.emit(Event{Event: Forgotten, Site: p.site, InvokeId: invokeID, Code: "InvocationMissing", Message: message})
}
