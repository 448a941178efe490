package lab

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
	"muster/pkg/sleep"
)

// Why a job's context was cancelled.
var (
	errStopRequested = errors.New("stopped by StopInvocation")
	errReplaced      = errors.New("replaced by ModifyInvocationAttribute")
	errInterrupted   = runner.ErrDown
	errClosed        = runner.ErrClosed
)

// job is one run of a task, until it has finished. This file is its life, in the order of its functions.
type job struct {
	*invocation
	ref        taskRef
	run        int64 // the task's Repeats while it runs
	host       *host
	repetition *repetition // nil when the task runs once
	simulation *Simulation // nil when its script really runs
	stop       context.CancelCauseFunc
	output     *runner.Output // nil when it is simulated
	injected   taskFaults
	replaced   atomic.Bool // it must not begin, and has no result

	delivered bool            // it counts in the queue of its host
	slots     []chan struct{} // that it has taken: of its host and of the machine
	began     time.Time
	turn      int64 // the task's
}

// start starts a job in a goroutine of its own. After close it does nothing.
func (a *agents) start(j *job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	var ctx context.Context
	ctx, j.stop = context.WithCancelCause(context.Background())
	it := j.host.get()
	if j.simulation = it.Simulation; j.simulation == nil {
		j.output = runner.NewOutput(time.Now, it.reporting(j.repetition != nil && j.Frequency != nil))
	}
	j.injected = a.faults.forTask(targetTask, it.InstanceId)
	a.jobs[j.ref] = j
	a.work.Add(1)
	go a.live(j, func() bool { return a.perform(ctx, j) })
}

// live runs one phase of a job. The job ends with it unless the phase reports that the job continues on its own.
func (a *agents) live(j *job, phase func() (continues bool)) {
	continues := false
	defer func() {
		if panicked := recover(); panicked != nil {
			a.log.Error("a task panicked", "invocation", j.InvokeId, "panic", fmt.Sprint(panicked))
			j.host.leave(j)
			a.fail(j, broke(fmt.Errorf("panic: %v", panicked)))
		}
		if !continues {
			a.forget(j)
		}
	}()
	continues = phase()
}

// perform takes a job from its delivery to its end. A simulated job continues on its own: a timer ends it.
func (a *agents) perform(ctx context.Context, j *job) (continues bool) {
	if f := a.deliver(ctx, j); f != nil {
		a.skip(j, f)
		return false
	}
	s, f := a.prepare(j)
	if f != nil {
		a.fail(j, f)
		return false
	}
	if !a.begin(j) {
		return false
	}
	if j.simulation != nil { // not flushed: nothing happens if it runs again after a crash
		a.simulate(ctx, j)
		return true
	}
	a.conclude(j, a.execute(ctx, j, s))
	return false
}

// deliver waits until the agent has taken a job, and until it is the job's turn to run.
func (a *agents) deliver(ctx context.Context, j *job) *failure {
	patience := a.patience
	if j.repetition != nil {
		patience = 0
	}
	a.faults.takeOfflineIfDue(j.host)
	if f := j.host.deliver(ctx, patience); f != nil {
		return f
	}
	j.delivered = true
	if !j.takeSlot(ctx, j.host.slots) || j.simulation == nil && !j.takeSlot(ctx, a.slots) {
		return interrupted()
	}
	return nil
}

// takeSlot waits for one of the slots of those that run at once. The job keeps it until it ends.
func (j *job) takeSlot(ctx context.Context, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		j.slots = append(j.slots, slots)
		return true
	case <-ctx.Done():
		return false
	}
}

// begin marks a task as Running. It reports false, and the job is over, if the instance is down or the task was cancelled or replaced.
func (a *agents) begin(j *job) bool {
	if !j.host.enter(j) {
		a.skip(j, notRunning())
		return false
	}
	now := time.Now()
	replaced := false
	begun := a.store.change(j.ref, func(t *task) bool {
		if replaced = j.replaced.Load(); replaced {
			return false
		}
		t.startRun(a.store.nextRun())
		if j.repetition != nil {
			t.CommandId = j.Command.CommandId
		}
		t.Status, t.Started = assist.StatusRunning, now
		j.began, j.turn = now, t.Turn
		return true
	})
	if !begun {
		j.host.leave(j)
	}
	if replaced {
		a.skip(j, interrupted())
	}
	return begun
}

// execute runs the script of a task that is Running.
func (a *agents) execute(ctx context.Context, j *job, s runner.Script) runner.Outcome {
	if err := a.store.storage().Flush(); err != nil { // otherwise it could run again after a crash
		return runner.Outcome{End: runner.Broken, Err: err}
	}
	if a.faults.occurs(j.injected.hang) {
		return hang(ctx, s.Timeout)
	}
	a.noteExecution(j)
	return a.runner.Run(ctx, s, j.output)
}

// hang stands in for a script that never finishes.
func hang(ctx context.Context, timeout time.Duration) runner.Outcome {
	if sleep.For(ctx, timeout) != nil {
		return runner.Outcome{End: runner.Stopped}
	}
	return runner.Outcome{End: runner.TimedOut}
}

// reported returns what the agent has reported of the output of a job that is running.
func (j *job) reported() []byte {
	if j.output == nil {
		return nil
	}
	return j.output.Reported()
}

// noteExecution records that a script was started.
func (a *agents) noteExecution(j *job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.executions = append(a.executions, Execution{j.host.get().InstanceId, j.InvokeId, j.began})
}

// conclude ends a job whose script has finished.
func (a *agents) conclude(j *job, o runner.Outcome) {
	j.host.leave(j)
	if o.End == runner.Exited {
		j.host.obey(o.ExitCode)
	}
	a.settle(j, o)
}

// settle records how the script of a run ended.
func (a *agents) settle(j *job, o runner.Outcome) {
	var kept []byte
	var dropped int64
	if j.output != nil {
		kept, dropped = j.output.Kept()
	}
	lost := a.faults.occurs(j.injected.loss)
	a.end(j, func(t *task) {
		t.Output, t.Dropped, t.Lost = kept, dropped, lost
		t.Simulated = j.output == nil && o.End == runner.Exited
		t.Finished = o.Finished
		if t.Finished.IsZero() {
			t.Finished = time.Now()
		}
		t.ExitCode = int64(o.ExitCode)
		switch {
		case o.End == runner.Exited && o.ExitCode == 0:
			t.Status = assist.StatusSuccess
		case o.End == runner.Exited:
			t.Status, t.ErrorCode = assist.StatusFailed, "ExitCodeNonzero"
			t.ErrorInfo = "The command execution exit code is not zero."
		case o.End == runner.TimedOut:
			t.Status, t.ErrorCode = assist.StatusTimeout, "ExecutionTimeout"
			t.ErrorInfo = "The command execution has been timeout."
			t.ExitCode, t.Finished = 1, t.Started.Add(seconds(j.Timeout))
		case o.End == runner.Stopped && !t.Stopped.IsZero():
			t.Status = assist.StatusTerminated
		case o.End == runner.Stopped:
			interrupted().put(t)
		default:
			broke(o.Err).put(t)
		}
	})
}

// skip ends a job whose script was not started: it fails the task, or leaves out this run of a repetition. When a lab with a
// data directory closes, the task stays Pending for the next start.
func (a *agents) skip(j *job, f *failure) {
	if a.store.storage().Persistent() && a.isClosed() {
		return
	}
	if j.repetition != nil {
		j.repetition.skip(f)
		return
	}
	a.fail(j, f)
}

// fail records why a run has no outcome.
func (a *agents) fail(j *job, f *failure) {
	a.end(j, func(t *task) {
		f.put(t)
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
	})
}

// end writes the end of a run to the store. It is the end of the task too, unless more runs follow.
func (a *agents) end(j *job, put func(*task)) {
	if j.repetition != nil {
		j.repetition.end(j.run, put)
		return
	}
	a.store.change(j.ref, func(t *task) bool { put(t); return true })
}

// forget releases what a job holds.
func (a *agents) forget(j *job) {
	defer a.work.Done()
	for _, slots := range j.slots {
		<-slots
	}
	if j.delivered {
		j.host.release()
	}
	j.stop(nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.jobs[j.ref] == j { // not the job of the next run
		delete(a.jobs, j.ref)
	}
}
