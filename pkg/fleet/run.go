package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"muster/pkg/assist"
)

// run is a plan in progress. Its state changes under its lock, one event at a time.
type run struct {
	engine      *Engine
	pollers     []*poller
	began       time.Time
	endedBefore int // the number of targets that ended before the run was resumed

	mu         sync.Mutex
	state      *State
	submitting bool
	rounds     int // the number of polling rounds that have ended, at all sites
	broken     *JournalError
	moved      chan struct{} // has an element when the state has changed
}

func (e *Engine) begin(state *State) *run {
	r := &run{engine: e, state: state, submitting: true, moved: make(chan struct{}, 1), began: time.Now(), endedBefore: state.Ended()}
	if e.Control != nil {
		e.Control.run.Store(r)
	}
	return r
}

func (r *run) plan(plan Plan) error {
	planned := Event{Event: Planned, RunId: plan.RunId, Action: plan.Command.Action(), Targets: plan.Targets, Sites: plan.Sites, Fanout: plan.Fanout, NoOutput: r.engine.NoOutput}
	planned.Warnings = plan.Warnings
	if len(plan.Sites) > 0 {
		planned.Name, _ = plan.Command.name(plan.Sites[0])
	}
	if len(plan.Sites) == 1 {
		planned.Site, planned.Sites = plan.Sites[0], nil
	}
	if err := r.emit(planned); err != nil {
		return err
	}
	return r.skip(plan)
}

// skip emits the targets that are skipped, unless an earlier process has.
func (r *run) skip(plan Plan) error {
	told := false
	r.withState(func(s *State) { told = s.counts[CauseSkipped] > 0 })
	if told || len(plan.Skipped) == 0 {
		return nil
	}
	return r.emit(Event{Event: Skipped, Targets: plan.Skipped})
}

// resume emits that the run continues, and searches for what may have been sent.
func (r *run) resume(ctx context.Context, plan Plan) error {
	if err := r.emit(Event{Event: Resumed, Fanout: plan.Fanout, NoOutput: r.engine.NoOutput}); err != nil {
		return err
	}
	if err := r.skip(plan); err != nil {
		return err
	}
	return r.findInDoubt(ctx, plan)
}

// discover finds invocations that were submitted elsewhere. Their instances become the targets; if Only is not nil, only those
// in it.
func (r *run) discover(ctx context.Context, watched []Watched) error {
	found := make([]map[string]*assist.Invocation, len(watched))
	planned := Event{Event: Planned, NoOutput: r.engine.NoOutput}
	for i, w := range watched {
		var err error
		if found[i], err = r.pollers[i].lookUp(ctx, w); err != nil {
			return err
		}
		planned.Sites = append(planned.Sites, w.Site)
	}
	if len(watched) == 1 {
		planned.Site, planned.Sites = watched[0].Site, nil
	}
	if err := r.emit(planned); err != nil {
		return err
	}
	for i, w := range watched {
		if err := r.pollers[i].adoptWatched(ctx, w, found[i]); err != nil {
			return err
		}
	}
	return nil
}

// execute sends and waits at the same time.
func (r *run) execute(ctx context.Context, plan Plan) (*State, error) {
	for _, site := range plan.Sites {
		r.pollers = append(r.pollers, newPlanPoller(r, plan, site))
	}
	sending, stopSending := context.WithCancelCause(ctx)
	defer stopSending(nil)
	submitted := make(chan error, 1)
	sent := make(chan struct{})
	endStop := r.handleStop(ctx, func() { stopSending(errStopping) }, func() { <-sent })
	go func() {
		err := r.submitAll(ctx, sending, plan, r.passGate)
		close(sent)
		r.finishedSubmitting()
		submitted <- err
	}()
	err := r.pollAll(ctx, func() { stopSending(nil) })
	stopSending(nil)
	if submitErr := <-submitted; err == nil || gaveUp(submitErr) {
		err = submitErr
	}
	endStop()
	return r.finish(ctx, r.pollers, err)
}

// waitOnly waits for what has been submitted, and submits nothing more.
func (r *run) waitOnly(ctx context.Context) (*State, error) {
	r.finishedSubmitting()
	endStop := r.handleStop(ctx, func() {}, func() {})
	err := r.pollAll(ctx, func() {})
	endStop()
	return r.finish(ctx, r.pollers, err)
}

// pollAll waits at all sites. If one of them fails, nothing more is sent, and the others are still waited for.
func (r *run) pollAll(ctx context.Context, failed func()) error {
	errs := make([]error, len(r.pollers))
	var all sync.WaitGroup
	for i, poller := range r.pollers {
		all.Go(func() {
			if errs[i] = poller.untilSettled(ctx); errs[i] != nil {
				failed()
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) finishedSubmitting() {
	r.mu.Lock()
	r.submitting = false
	r.mu.Unlock()
	for _, poller := range r.pollers {
		poller.notify()
	}
}

// roundEnded informs the fan-out that all known ends at a site are in the state.
func (r *run) roundEnded() {
	r.mu.Lock()
	r.rounds++
	r.mu.Unlock()
	signal(r.moved)
}

// turnover estimates the duration of the script on an instance, by the number of instances that ended since this process began.
// It is 0 if no fan-out waits for instances to end.
func (r *run) turnover() (estimate time.Duration) {
	r.withState(func(s *State) {
		if s.Fanout > 0 && r.submitting {
			ended := max(s.Ended()-r.endedBefore, s.Fanout)
			estimate = time.Duration(int64(time.Since(r.began)) / int64(ended) * int64(s.Fanout))
		}
	})
	return estimate
}

// withState calls read with the state locked.
func (r *run) withState(read func(*State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read(r.state)
}

func (r *run) finish(ctx context.Context, pollers []*poller, err error) (*State, error) {
	if ctx.Err() != nil && err != nil && !gaveUp(err) {
		err = context.Cause(ctx)
	}
	if err == nil {
		r.mu.Lock()
		err = r.journalErr()
		r.mu.Unlock()
	}
	last := Event{Event: Settled}
	if err != nil {
		r.fetchLast(ctx, pollers)
		last = Event{Event: Interrupted, Code: interruption(err), Message: err.Error()}
	}
	for _, poller := range pollers {
		poller.follower.end()
	}
	if broken := errors.Join(r.emit(last), r.sync()); err == nil && broken != nil {
		err = broken
	}
	return r.state, err
}

// finishUnwaited ends a run that was not waited for. If an error ended it, what was not sent becomes unsent.
func (r *run) finishUnwaited(ctx context.Context, err error) (*State, error) {
	if err == nil {
		return r.state, r.sync()
	}
	if ctx.Err() != nil && !gaveUp(err) {
		err = context.Cause(ctx)
	}
	_ = errors.Join(r.emit(Event{Event: Interrupted, Code: interruption(err), Message: err.Error()}), r.sync()) // err is the first error
	return r.state, err
}

func interruption(err error) string {
	switch {
	case errors.Is(err, ErrWaitTimeout):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "interrupt"
	}
	return "error"
}

// gaveUp reports whether an error says what a call was waiting for when its context ended.
func gaveUp(err error) bool {
	_, ok := errors.AsType[*assist.GaveUpError](err)
	return ok
}

// fetchLast fetches the outputs of what has ended, if there is time.
func (r *run) fetchLast(ctx context.Context, pollers []*poller) {
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	defer hurry(r.engine.Hurry, cancel)()
	var all sync.WaitGroup
	for _, poller := range pollers {
		all.Go(func() { poller.fetchEnded(soon) })
	}
	all.Wait()
}
