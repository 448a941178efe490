package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
)

// API is what the engine asks of the service at one site.
type API interface {
	RunCommand(context.Context, *assist.RunCommandRequest) (*assist.RunCommandResponse, error)
	InvokeCommand(context.Context, *assist.InvokeCommandRequest) (*assist.InvokeCommandResponse, error)
	SendFile(context.Context, *assist.SendFileRequest) (*assist.SendFileResponse, error)
	StopInvocation(context.Context, *assist.StopInvocationRequest) (*assist.StopInvocationResponse, error)
	DescribeSendFileResults(context.Context, *assist.DescribeSendFileResultsRequest) (*assist.DescribeSendFileResultsResponse, error)
	DescribeInvocations(context.Context, *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error)
	AllInvocationResults(context.Context, assist.DescribeInvocationResultsRequest) iter.Seq2[assist.InvocationResult, error]
	NamesAPI
}

// Journal keeps a run's events, so that another process can go on with it.
type Journal interface {
	// Append keeps an event behind those before it. It is called for one event at a time.
	Append(Event) error
	// Sync returns when all that was appended is on disk. It may be called by several at once.
	Sync() error
}

// JournalError tells that an event could not be kept. Nothing is sent after it.
type JournalError struct{ Err error }

func (e *JournalError) Error() string { return "keep the run's journal: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *JournalError) Unwrap() error { return e.Err }

// ErrWaitTimeout is the cause to cancel a context with when the wait has lasted long enough. What was sent goes on.
var ErrWaitTimeout = errors.New("the wait timed out")

// lastLook is how long an interrupted run may take to hear the answers of the calls that are on their way, and then to
// fetch the outputs of what has already ended.
const lastLook = 3 * time.Second

// Engine submits plans and waits for them.
type Engine struct {
	APIs        map[Site]API
	Journal     Journal             // hears of every event first, and before a call is made that the event is about; it may be nil
	Sink        func(Event, *State) // hears of every event, in order, one at a time, and sees the state after it; it may be nil
	Gate        Gate                // is asked where the plan wants waves confirmed; nil lets all through
	Check       Gate                // runs the plan's gate command after each wave; nil lets all through
	Control     *Control            // may be nil
	Hurry       <-chan struct{}     // closed when an interrupted run may not take its time for a last look; it may be nil
	Secrets     Secrets
	NoOutput    bool                       // outputs are not asked for
	Follow      bool                       // tells what scripts write while they run
	Taken       func(invokeID string) bool // whether another run has an invocation; nil: none has
	Concurrency int                        // calls of an action in flight at a site, at most
	Flights     map[Site]*assist.Flights   // how many of them there may be now; a site without them has Concurrency
	PageSize    int                        // records a page
	Patience    time.Duration              // for how long the service may leave out what it must have: an invocation, an output; 0: a minute
}

// forgottenFor is how long the service may leave out what it must have. Then the wait for it ends.
const forgottenFor = time.Minute

func (e *Engine) patience() time.Duration { return cmp.Or(e.Patience, forgottenFor) }

// Run submits a plan, wave by wave, and waits until every target has come to an end. The state is never nil. The error is
// the context's cause when the wait was ended, a *JournalError, and otherwise a call's: one that the service refused for
// more than single instances, or one that brought no answer. What was submitted before an error goes on, and is waited for
// where the service still answers.
func (e *Engine) Run(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin(NewState())
	if err := r.plan(plan); err != nil {
		return r.finish(ctx, nil, err)
	}
	plan.Targets = nil // the state has them now
	return r.carryOut(ctx, plan)
}

// Resume goes on with a run whose events, folded, are the state: what was sent is waited for, what may have been sent is
// found or sent again as the same call, and the rest is sent. The errors are Run's, and a *ForgottenError.
func (e *Engine) Resume(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	if err := r.resume(ctx, plan); err != nil {
		return r.finish(ctx, nil, err)
	}
	return r.carryOut(ctx, plan)
}

// Await waits for what a run has submitted, whose events, folded, are the state, and sends nothing. What may have been sent is
// looked for; what was never sent stays unsent, for Resume. The errors are Resume's.
func (e *Engine) Await(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	gate := Event{Event: GateEvent, Code: state.Gate, Message: state.GateReason, Wave: state.passed + 1}
	err := r.resume(ctx, plan)
	if err == nil && gate.Code != "" {
		err = r.emit(gate) // what was stopped stays stopped
	}
	if err != nil {
		return r.finish(ctx, nil, err)
	}
	for _, site := range plan.Sites {
		r.pollers = append(r.pollers, newPlanPoller(r, plan, site))
	}
	return r.waitOnly(ctx)
}

// waitOnly waits for what has been submitted. Nothing more is.
func (r *run) waitOnly(ctx context.Context) (*State, error) {
	r.finishedSubmitting()
	endStop := r.attendStop(ctx, func() {}, func() {})
	err := r.pollAll(ctx, func() {})
	endStop()
	return r.finish(ctx, r.pollers, err)
}

// Submit submits a plan and does not wait, so that one wave follows another at once. It is for what never settles by
// itself, and for what another process waits for. The errors are Run's.
func (e *Engine) Submit(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin(NewState())
	err := r.plan(plan)
	if err == nil {
		err = r.submitAll(ctx, ctx, plan, nil)
	}
	return r.leave(ctx, err)
}

// leave ends a run that was not waited for. Where an error ended it, what was not sent by then is unsent.
func (r *run) leave(ctx context.Context, err error) (*State, error) {
	if err == nil {
		return r.state, r.sync()
	}
	if ctx.Err() != nil && !gaveUp(err) {
		err = context.Cause(ctx)
	}
	_ = errors.Join(r.emit(Event{Event: Interrupted, Code: interruption(err), Message: err.Error()}), r.sync()) // err came first
	return r.state, err
}

// Resubmit is Resume for what was submitted without a wait.
func (e *Engine) Resubmit(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	err := r.resume(ctx, plan)
	if err == nil {
		err = r.submitAll(ctx, ctx, plan, nil)
	}
	return r.leave(ctx, err)
}

// Watched are invocations at a site that were submitted elsewhere.
type Watched struct {
	Site      Site
	InvokeIds []string
	Only      []string                   // the instances that are waited for; nil: all of them
	Sent      func(invokeID string) bool // reports whether an invocation is known to have been submitted; nil: none is
}

// Watch waits for invocations that were submitted elsewhere, and looks up the names of their instances. Where Only is not
// nil, a stop stops those instances alone. An invocation that the service does not know is an *UnknownInvocationError, after a
// second look, or after a while if it is known to have been submitted.
func (e *Engine) Watch(ctx context.Context, watched ...Watched) (*State, error) {
	r := e.begin(NewState())
	for _, w := range watched {
		r.pollers = append(r.pollers, newPoller(r, w.Site))
	}
	if err := r.discover(ctx, watched); err != nil {
		return r.finish(ctx, r.pollers, err)
	}
	return r.waitOnly(ctx)
}

// run is one plan under way. Its state is moved under its lock, one event at a time.
type run struct {
	engine      *Engine
	pollers     []*poller
	began       time.Time
	endedBefore int // targets, before the run was resumed

	mu         sync.Mutex
	state      *State
	submitting bool
	rounds     int // of questions that have ended, at all sites
	broken     *JournalError
	moved      chan struct{} // has an element when the state has been moved
}

func (e *Engine) begin(state *State) *run {
	r := &run{engine: e, state: state, submitting: true, moved: make(chan struct{}, 1), began: time.Now(), endedBefore: state.Ended()}
	if e.Control != nil {
		e.Control.run.Store(r)
	}
	return r
}

// carryOut sends and waits at once.
func (r *run) carryOut(ctx context.Context, plan Plan) (*State, error) {
	for _, site := range plan.Sites {
		r.pollers = append(r.pollers, newPlanPoller(r, plan, site))
	}
	sending, stopSending := context.WithCancelCause(ctx)
	defer stopSending(nil)
	submitted := make(chan error, 1)
	sent := make(chan struct{})
	endStop := r.attendStop(ctx, func() { stopSending(errStopping) }, func() { <-sent })
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

// pollAll waits at all sites. When one of them fails, nothing more is sent, and the others are waited for.
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

// emit tells of an event. An event that cannot be kept still moves the state: it has happened.
func (r *run) emit(event Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tell(event)
}

// tell is emit, for who holds the lock.
func (r *run) tell(event Event) error {
	event.Time = time.Now()
	r.engine.Secrets.mask(&event)
	ends := event.Event == Settled || event.Event == Interrupted
	if ends {
		r.state.Apply(event)
		event.Status, event.Counts = r.state.Status(), r.state.Counts()
	}
	if journal := r.engine.Journal; journal != nil && r.broken == nil && event.Event.kept() {
		if err := journal.Append(event); err != nil {
			r.breakOff(err)
		}
	}
	if r.broken != nil && event.Result != nil {
		r.holdOutput(event.Result)
	}
	if event.Event == Submitting && r.broken != nil {
		return r.broken // it will not be
	}
	if !ends {
		r.state.Apply(event)
	}
	if r.engine.Sink != nil {
		r.engine.Sink(event, r.state)
	}
	signal(r.moved)
	return r.unkept()
}

// outputHolder is a Journal that holds outputs for the report when it cannot be written any more.
type outputHolder interface{ KeepOutput(OutputKey, Output) }

func (r *run) holdOutput(result *Result) {
	if holder, ok := r.engine.Journal.(outputHolder); ok {
		holder.KeepOutput(result.OutputKey(), result.Output)
	}
}

// sync has all events on disk. It fails as well when an event that came later could not be kept.
func (r *run) sync() error {
	if r.engine.Journal == nil {
		return nil
	}
	err := r.engine.Journal.Sync()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.breakOff(err)
	}
	return r.unkept()
}

// breakOff ends the keeping of events. The first reason is the one that is told.
func (r *run) breakOff(err error) {
	if r.broken == nil {
		r.broken = &JournalError{err}
	}
}

func (r *run) unkept() error {
	if r.broken != nil {
		return r.broken
	}
	return nil
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

// skip tells which targets are left out, if no process before this one has.
func (r *run) skip(plan Plan) error {
	told := false
	r.look(func(s *State) { told = s.counts[CauseSkipped] > 0 })
	if told || len(plan.Skipped) == 0 {
		return nil
	}
	return r.emit(Event{Event: Skipped, Targets: plan.Skipped})
}

// resume tells that the run goes on, and looks for what may have been sent.
func (r *run) resume(ctx context.Context, plan Plan) error {
	if err := r.emit(Event{Event: Resumed, Fanout: plan.Fanout, NoOutput: r.engine.NoOutput}); err != nil {
		return err
	}
	if err := r.skip(plan); err != nil {
		return err
	}
	return r.findDoubted(ctx, plan)
}

func (r *run) finishedSubmitting() {
	r.mu.Lock()
	r.submitting = false
	r.mu.Unlock()
	for _, poller := range r.pollers {
		poller.nudge()
	}
}

// look reads the state while nothing moves it.
func (r *run) look(read func(*State)) {
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
		err = r.unkept()
		r.mu.Unlock()
	}
	last := Event{Event: Settled}
	if err != nil {
		r.lookOnce(ctx, pollers)
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

// gaveUp reports whether an error tells what a call waited for when its context ended.
func gaveUp(err error) bool {
	var e *assist.GaveUpError
	return errors.As(err, &e)
}

// lookOnce fetches the outputs of what has ended, if there is time.
func (r *run) lookOnce(ctx context.Context, pollers []*poller) {
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
	defer cancel()
	defer hurry(r.engine.Hurry, cancel)()
	var all sync.WaitGroup
	for _, poller := range pollers {
		all.Go(func() { poller.fetchEnded(soon) })
	}
	all.Wait()
}

// hurry calls cancel when the channel is closed. The function that it gives ends that.
func hurry(now <-chan struct{}, cancel func()) (end func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-now:
			cancel()
		case <-done:
		}
	}()
	return func() { close(done) }
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

// UnknownInvocationError reports that the service has no record of an invocation.
type UnknownInvocationError struct {
	InvokeId, RegionId string
	Reason             string   // empty where it is not known
	Near               []string // ids that may have been meant
}

func (e *UnknownInvocationError) Error() string {
	reason := cmp.Or(e.Reason, "it is of another region or account, or older than what the service keeps")
	message := fmt.Sprintf("there is no invocation %s in %s: %s", e.InvokeId, e.RegionId, reason)
	if len(e.Near) > 0 {
		message += "; near it: " + strings.Join(e.Near, ", ")
	}
	return message
}
