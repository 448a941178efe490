package lab

import (
	"context"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
	"muster/pkg/sleep"
)

// perform is a task's life, from its delivery to its end; that of a simulated one goes on after its script has begun.
func (a *agents) perform(ctx context.Context, j *job) (goesOn bool) {
	patience := a.patience
	if j.repetition != nil {
		patience = 0
	}
	a.faults.depart(j.host)
	if f := j.host.deliver(ctx, patience); f != nil {
		a.skip(j, f)
		return false
	}
	j.delivered = true
	if !j.takeSlot(ctx, j.host.slots) {
		a.skip(j, interrupted())
		return false
	}
	if s := j.host.get().Simulation; s != nil {
		return a.performSimulated(ctx, j, s)
	}
	if !j.takeSlot(ctx, a.slots) {
		a.skip(j, interrupted())
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
	o := a.execute(ctx, j, s)
	j.host.leave(j)
	a.conclude(j, o)
	return false
}

// takeSlot waits for a place among those that run at once, and keeps it until the job has ended.
func (j *job) takeSlot(ctx context.Context, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		j.slots = append(j.slots, slots)
		return true
	case <-ctx.Done():
		return false
	}
}

// begin has a task run, unless its instance is down or it has been cancelled. After true, the job is to leave its host.
func (a *agents) begin(j *job) bool {
	if !j.host.enter(j) {
		a.skip(j, notRunning())
		return false
	}
	now := time.Now()
	begun := a.store.change(j.ref, func(t *task) bool {
		t.begin(a.store.nextRun())
		t.Status, t.Started = assist.StatusRunning, now
		j.began, j.turn = now, t.Turn
		return true
	})
	if !begun {
		j.host.leave(j)
	}
	return begun
}

// execute runs the script of a task that has begun.
func (a *agents) execute(ctx context.Context, j *job, s runner.Script) runner.Outcome {
	if err := a.store.keep.Flush(); err != nil { // what may run must not run again after a crash
		return runner.Outcome{End: runner.Broken, Err: err}
	}
	if a.faults.happens(j.fate.hang) {
		return hang(ctx, s.Timeout)
	}
	a.noteExecution(j)
	return a.runner.Run(ctx, s, j.output)
}

func (a *agents) noteExecution(j *job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.executions = append(a.executions, Execution{j.host.get().InstanceId, j.InvokeId, j.began})
}

// conclude ends a task whose script has ended.
func (a *agents) conclude(j *job, o runner.Outcome) {
	if o.End == runner.Exited {
		j.host.obey(o.ExitCode)
	}
	a.settle(j, o)
}

// hang is a script that does nothing until its time is over.
func hang(ctx context.Context, timeout time.Duration) runner.Outcome {
	if sleep.For(ctx, timeout) != nil {
		return runner.Outcome{End: runner.Stopped}
	}
	return runner.Outcome{End: runner.TimedOut}
}

// skip ends a task whose script is not started, or gives the run up that a plan had due.
// When a lab that lasts is closed, it waits for the next one.
func (a *agents) skip(j *job, f *failure) {
	if a.store.keep.Lasts() && a.isClosed() {
		return
	}
	if j.repetition != nil {
		j.repetition.skip(f)
		return
	}
	a.fail(j, f)
}

// fail ends a run that has no outcome.
func (a *agents) fail(j *job, f *failure) {
	a.end(j, func(t *task) {
		f.put(t)
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
	})
}

// end closes a run, and the task with it unless a plan has more.
func (a *agents) end(j *job, put func(*task)) {
	if j.repetition != nil {
		j.repetition.end(j.run, put)
		return
	}
	a.store.change(j.ref, func(t *task) bool { put(t); return true })
}

// settle ends a run by how its script ended.
func (a *agents) settle(j *job, o runner.Outcome) {
	kept, dropped := j.written()
	lost := a.faults.happens(j.fate.loss)
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
