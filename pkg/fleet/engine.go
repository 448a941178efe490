package fleet

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"muster/pkg/assist"
)

// API is what the engine asks of the service.
type API interface {
	RunCommand(context.Context, *assist.RunCommandRequest) (*assist.RunCommandResponse, error)
	InvokeCommand(context.Context, *assist.InvokeCommandRequest) (*assist.InvokeCommandResponse, error)
	SendFile(context.Context, *assist.SendFileRequest) (*assist.SendFileResponse, error)
	DescribeSendFileResults(context.Context, *assist.DescribeSendFileResultsRequest) (*assist.DescribeSendFileResultsResponse, error)
	DescribeInvocations(context.Context, *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error)
	AllInvocationResults(context.Context, assist.DescribeInvocationResultsRequest) iter.Seq2[assist.InvocationResult, error]
}

// ErrWaitTimeout is the cause to cancel a context with when the wait has lasted long enough. What was sent goes on.
var ErrWaitTimeout = errors.New("the wait timed out")

// lastLook is how long an interrupted run may take to hear the answers of the calls that are on their way, and then to
// fetch the outputs of what has already ended.
const lastLook = 3 * time.Second

// Engine submits plans and waits for them.
type Engine struct {
	API         API
	Sink        func(Event) // hears of every event, in order, one at a time; it may be nil
	Concurrency int         // calls in flight
	PageSize    int         // records a page
}

// Run submits a plan and waits until every target has come to an end. The state is never nil. The error is the context's
// cause when the wait was ended, and otherwise a call's: one that the service refused for more than single instances, or
// one that brought no answer. What was submitted before an error goes on, and is waited for where the service still answers.
func (e *Engine) Run(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin()
	r.plan(plan)
	sending, stopSending := context.WithCancel(ctx)
	defer stopSending()
	submitted := make(chan error, 1)
	go func() {
		err := r.submitAll(sending, plan)
		r.finishedSubmitting()
		submitted <- err
	}()
	poller := newPoller(r, plan.RegionId)
	poller.name, poller.commandID = plan.Command.name()
	poller.files = plan.Command.Send != nil
	err := poller.untilSettled(ctx)
	stopSending()
	if submitErr := <-submitted; err == nil {
		err = submitErr
	}
	return r.finish(ctx, poller, err)
}

// Submit submits a plan and does not wait. It is for what never settles by itself. The errors are Run's.
func (e *Engine) Submit(ctx context.Context, plan Plan) (*State, error) {
	r := e.begin()
	r.plan(plan)
	err := r.submitAll(ctx, plan)
	return r.state, err
}

// Watch waits for invocations that were submitted elsewhere. One that the service does not know, also after a while, is
// an error.
func (e *Engine) Watch(ctx context.Context, regionID string, invokeIDs []string) (*State, error) {
	r := e.begin()
	poller := newPoller(r, regionID)
	err := poller.discover(ctx, invokeIDs)
	if err == nil {
		r.finishedSubmitting()
		err = poller.untilSettled(ctx)
	}
	return r.finish(ctx, poller, err)
}

// run is one plan under way. Its state is moved under its lock, one event at a time.
type run struct {
	engine *Engine

	mu         sync.Mutex
	state      *State
	submitting bool
	wake       chan struct{} // has an element when something was submitted, or all has been
}

func (e *Engine) begin() *run {
	return &run{engine: e, state: NewState(), submitting: true, wake: make(chan struct{}, 1)}
}

func (r *run) emit(event Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	event.Time = time.Now()
	r.state.Apply(event)
	if event.Event == Settled || event.Event == Interrupted {
		event.Status, event.Counts = r.state.Status(), r.state.Counts()
	}
	if r.engine.Sink != nil {
		r.engine.Sink(event)
	}
}

func (r *run) plan(plan Plan) {
	name, _ := plan.Command.name()
	r.emit(Event{
		Event: Planned, RunId: plan.RunId, Action: plan.Command.Action(), Name: name, RegionId: plan.RegionId, Targets: plan.Targets,
	})
	if len(plan.Skipped) > 0 {
		r.emit(Event{Event: Skipped, Targets: plan.Skipped})
	}
}

func (r *run) finishedSubmitting() {
	r.mu.Lock()
	r.submitting = false
	r.mu.Unlock()
	r.nudge()
}

func (r *run) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// look reads the state while nothing moves it.
func (r *run) look(read func(*State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	read(r.state)
}

func (r *run) finish(ctx context.Context, poller *poller, err error) (*State, error) {
	if ctx.Err() != nil && err != nil {
		err = context.Cause(ctx)
	}
	last := Event{Event: Settled}
	if err != nil {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLook)
		poller.fetchEnded(soon)
		cancel()
		last = Event{Event: Interrupted, Code: interruption(err), Message: err.Error()}
	}
	r.emit(last)
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

// UnknownInvocationError tells that the service has no record of an invocation.
type UnknownInvocationError struct{ InvokeId, RegionId string }

func (e *UnknownInvocationError) Error() string {
	return fmt.Sprintf("there is no invocation %s in %s: it is of another region or account, or older than what the service keeps", e.InvokeId, e.RegionId)
}
