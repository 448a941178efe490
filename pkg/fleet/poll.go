package fleet

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// maxPollsByID limits the calls for single invocations in one round. The invocations take turns.
	maxPollsByID = 10
	// unknownFor is how long an invocation that is known to have been submitted may be missing from the service's answers: a
	// Describe right after a submit may not find it yet.
	unknownFor = 10 * time.Second
	// unsentFor is how long an invocation may be missing that is not known to exist.
	unsentFor = time.Second
	// missingFor is how long an instance may be missing from an invocation that the service reports as settled.
	missingFor = 20 * time.Second
)

// poller polls invocations at a site until all are settled. One page of the run's name covers many invocations; those that such
// pages do not cover are requested by InvokeId.
type poller struct {
	run          *run
	site         Site
	api          API
	wake         chan struct{} // has an element when something, or everything, has been submitted
	fetched      chan struct{} // has an element when results have been fetched
	name         string        // of the run's commands; empty if they have no name of their own
	commandID    string        // of a saved command that the run invokes
	files        bool          // files were sent, whose records another action lists
	pollInterval pollInterval
	follower     *follower      // nil if nothing is followed
	asked        map[string]int // how often an invocation was requested by its id

	mu           sync.Mutex
	calls        int                  // the number of calls in the round
	ended        bool                 // something ended in the round
	missing      map[string]time.Time // when a settled invocation was first found to lack an instance
	unseen       map[string]time.Time // when the service first failed to list an invocation
	unknownState map[string]time.Time // when an invocation was first found in a state unknown to muster
	fetches      map[string]*fetches
}

func newPoller(r *run, site Site) *poller {
	p := &poller{
		run: r, site: site, api: r.engine.APIs[site], wake: make(chan struct{}, 1), fetched: make(chan struct{}, 1),
		pollInterval: pollInterval{started: time.Now(), longest: longestPause}, asked: map[string]int{}, missing: map[string]time.Time{}, unseen: map[string]time.Time{}, unknownState: map[string]time.Time{},
		fetches: map[string]*fetches{},
	}
	if r.engine.Follow {
		p.pollInterval.longest = followPause
		p.follower = newFollower(p)
	}
	return p
}

// newPlanPoller returns a poller that also uses what a plan's invocations have in common at a site.
func newPlanPoller(r *run, plan Plan, site Site) *poller {
	p := newPoller(r, site)
	p.name, p.commandID = plan.Command.name(site)
	p.files = plan.Command.Send != nil
	return p
}

// untilSettled returns nil when everything that was submitted has settled and nothing more will be submitted. It fetches
// results while it polls; the first error ends both.
func (p *poller) untilSettled(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	fetching, asking := errgroup.WithContext(ctx)
	err := p.ask(asking, fetching)
	if err != nil && asking.Err() != nil && !gaveUp(err) {
		err = context.Cause(asking)
	}
	cancel()
	_ = fetching.Wait() // an error is the end of its context, or has been reported
	return err
}

func (p *poller) ask(ctx context.Context, fetching *errgroup.Group) error {
	limiter := newFetchLimiter(max(p.run.engine.Concurrency, 1))
	fetch := func(ids []string) {
		for _, id := range p.due(ids) {
			fetching.Go(func() error { return p.fetchLimited(ctx, id, limiter) })
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
		for _, due := range p.follower.due(open) {
			fetching.Go(func() error { p.follower.fetch(ctx, due); return nil })
		}
		if err := p.rest(ctx, p.pollInterval.next(p.ended, p.calls, took, p.run.turnover())); err != nil {
			return err
		}
	}
}

// rest waits until the next round is due, or nothing is left to poll.
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

// left returns the invocations to poll. done is true if there are none, and none will follow.
func (p *poller) left() (open []string, done bool) {
	p.run.withState(func(s *State) {
		for i := range s.Invocations {
			if invocation := &s.Invocations[i]; invocation.Site == p.site && !invocation.settled() {
				open = append(open, invocation.InvokeId)
			}
		}
		done = !p.run.submitting && len(open) == 0
	})
	return open, done
}

func (p *poller) notify() { signal(p.wake) }

// round polls all open invocations once, and fetches results as soon as an end is known, since more pages follow and the first
// one has the newest invocations.
func (p *poller) round(ctx context.Context, open []string, fetch func(invokeIDs []string)) error {
	p.calls, p.ended = 0, false
	var running []string
	p.run.withState(func(s *State) { running = slices.DeleteFunc(slices.Clone(open), s.ended) })
	told := map[string]bool{}
	if err := p.pollByName(ctx, running, told, fetch); err != nil {
		return err
	}
	isTold := func(id string) bool { return told[id] }
	untold := slices.DeleteFunc(running, isTold)
	slices.SortStableFunc(untold, func(a, b string) int { return p.asked[a] - p.asked[b] })
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range untold[:min(len(untold), maxPollsByID)] {
		p.asked[id]++
		group.Go(func() error {
			invocation, err := p.pollByID(groupCtx, id)
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

// unlisted ends the wait for an invocation that the service has not listed for too long. That is not an error, because there
// may be others to wait for.
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
