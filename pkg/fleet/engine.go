package fleet

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"muster/pkg/assist"
)

// API is the part of the service's API that the engine needs at one site.
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

// ErrWaitTimeout is the cause to cancel a context with when the wait has lasted long enough. What was sent continues.
var ErrWaitTimeout = errors.New("the wait timed out")

// Engine submits plans and waits for them.
type Engine struct {
	APIs        map[Site]API
	Journal     Journal             // receives every event first, and before the call that the event is about; may be nil
	Sink        func(Event, *State) // receives every event in order, one at a time, with the state after it; may be nil
	Gate        Gate                // confirms waves if the plan requires it; nil confirms all
	Check       Gate                // runs the plan's gate command after each wave; nil accepts all
	Control     *Control            // may be nil
	Hurry       <-chan struct{}     // closed to shorten the end of an interrupted run; may be nil
	Secrets     Secrets
	NoOutput    bool                                // outputs are not requested
	Follow      bool                                // emits what scripts write while they run
	Taken       func(invokeID string) bool          // reports whether an invocation belongs to another run; nil: none does
	Concurrency int                                 // the largest number of calls of an action in flight at a site
	Limiters    map[Site]*assist.ConcurrencyLimiter // limit the calls further, as the service allows; may lack a site
	PageSize    int                                 // records per page
	Patience    time.Duration                       // how long the service may fail to list an invocation or an output; 0: a minute
}

// forgottenFor is how long the service may fail to list what it must have, before the wait for it ends.
const forgottenFor = time.Minute

func (e *Engine) patience() time.Duration { return cmp.Or(e.Patience, forgottenFor) }

// Run submits a plan, wave by wave, and waits until every target has finished. The state is never nil. The error is the
// context's cause if the wait was ended, a *[JournalError], or the error of a call: one that the service refused not only for
// single instances, or one that had no answer. What was submitted before an error continues, and is waited for as long as the
// service answers.
func (e *Engine) Run(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin(NewState())
	if err := r.plan(plan); err != nil {
		return r.finish(ctx, nil, err)
	}
	plan.Targets = nil // the state has them
	return r.execute(ctx, plan)
}

// Resume continues a run whose events, folded, are the state: what was sent is waited for, what may have been sent is found or
// sent again as the same call, and the rest is sent. The errors are those of [Engine.Run], and *[ForgottenError].
func (e *Engine) Resume(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	if err := r.resume(ctx, plan); err != nil {
		return r.finish(ctx, nil, err)
	}
	return r.execute(ctx, plan)
}

// Await waits for what a run has submitted, whose events, folded, are the state, and sends nothing. What may have been sent is
// searched for; what was never sent stays unsent, for [Engine.Resume]. The errors are those of Resume.
func (e *Engine) Await(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	gate := Event{Event: GateEvent, Code: state.Gate, Message: state.GateReason, Wave: state.passed + 1}
	err := r.resume(ctx, plan)
	if err == nil && gate.Code != "" {
		err = r.emit(gate) // a stopped run stays stopped
	}
	if err != nil {
		return r.finish(ctx, nil, err)
	}
	for _, site := range plan.Sites {
		r.pollers = append(r.pollers, newPlanPoller(r, plan, site))
	}
	return r.waitOnly(ctx)
}

// Submit submits a plan, one wave after the other, and does not wait. It is for invocations that never settle by themselves, or
// that another process waits for. The errors are those of [Engine.Run].
func (e *Engine) Submit(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin(NewState())
	err := r.plan(plan)
	if err == nil {
		err = r.submitAll(ctx, ctx, plan, nil)
	}
	return r.finishUnwaited(ctx, err)
}

// Resubmit is [Engine.Resume] for a run that was submitted without a wait.
func (e *Engine) Resubmit(ctx context.Context, plan Plan, state *State) (*State, error) {
	r := e.begin(state)
	err := r.resume(ctx, plan)
	if err == nil {
		err = r.submitAll(ctx, ctx, plan, nil)
	}
	return r.finishUnwaited(ctx, err)
}

// Watched are invocations at a site that were submitted elsewhere.
type Watched struct {
	Site      Site
	InvokeIds []string
	Only      []string                   // the instances to wait for; nil: all of them
	Sent      func(invokeID string) bool // reports whether an invocation is known to have been submitted; nil: none is
}

// Watch waits for invocations that were submitted elsewhere, and looks up the names of their instances. If Only is not nil, a
// stop stops only those instances. An invocation that the service does not know is an *[UnknownInvocationError], after a second
// try, or after a while if it is known to have been submitted.
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
