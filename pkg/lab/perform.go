package lab

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"muster/pkg/assist"
)

// perform is a task's life, from its delivery to its end.
func (a *agents) perform(ctx context.Context, j *job) {
	patience := a.patience
	if j.plan != nil {
		patience = 0
	}
	a.faults.depart(j.host)
	if f := j.host.deliver(ctx, patience); f != nil {
		a.skip(j, f)
		return
	}
	defer j.host.release()
	for _, slots := range []chan struct{}{j.host.slots, a.slots} {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
			a.skip(j, interrupted())
			return
		}
	}
	s, f := a.prepare(j)
	if f != nil {
		a.fail(j, f)
		return
	}
	o, ran := a.execute(ctx, j, s)
	if !ran {
		return
	}
	if o.End == exited {
		j.host.obey(o.ExitCode)
	}
	a.settle(j, o)
}

// execute runs the script, unless its instance is down or the task has been cancelled.
func (a *agents) execute(ctx context.Context, j *job, s script) (o outcome, ran bool) {
	if !j.host.enter(j) {
		a.skip(j, notRunning())
		return outcome{}, false
	}
	defer j.host.leave(j)
	now := time.Now()
	begun := a.store.change(j.ref, func(t *task) bool {
		t.begin(a.store.nextRun())
		t.Status, t.Started = assist.StatusRunning, now
		return true
	})
	if !begun {
		return outcome{}, false
	}
	if err := a.store.keep.flush(); err != nil { // what may run must not run again after a crash
		a.fail(j, broke(err))
		return outcome{}, false
	}
	if a.faults.fire(faultOfTask, hangs) != nil {
		return hang(ctx, s.Timeout), true
	}
	a.mu.Lock()
	a.executions = append(a.executions, Execution{j.host.get().InstanceId, j.InvokeId, now})
	a.mu.Unlock()
	return a.runner.run(ctx, s, j.output), true
}

// hang is a script that does nothing until its time is over.
func hang(ctx context.Context, timeout time.Duration) outcome {
	if pause(ctx, timeout) {
		return outcome{End: timedOut}
	}
	return outcome{End: stopped}
}

// skip ends a task whose script is not started, or gives the run up that a plan had due.
// When a lab that lasts is closed, it waits for the next one.
func (a *agents) skip(j *job, f *fault) {
	if a.store.keep.lasts() && a.isClosed() {
		return
	}
	if j.plan != nil {
		j.plan.skip(f)
		return
	}
	a.fail(j, f)
}

// fail ends a run that has no outcome.
func (a *agents) fail(j *job, f *fault) {
	a.end(j, func(t *task) {
		f.put(t)
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
	})
}

// end closes a run, and the task with it unless a plan has more.
func (a *agents) end(j *job, put func(*task)) {
	if j.plan != nil {
		j.plan.end(j.run, put)
		return
	}
	a.store.change(j.ref, func(t *task) bool { put(t); return true })
}

// settle ends a run by how its script ended.
func (a *agents) settle(j *job, o outcome) {
	kept, dropped := j.output.Bytes(), j.output.Dropped()
	lost := a.faults.fire(faultOfTask, loses) != nil
	a.end(j, func(t *task) {
		t.Output, t.Dropped, t.Lost = kept, dropped, lost
		t.Finished = o.Finished
		if t.Finished.IsZero() {
			t.Finished = time.Now()
		}
		t.ExitCode = int64(o.ExitCode)
		switch {
		case o.End == exited && o.ExitCode == 0:
			t.Status = assist.StatusSuccess
		case o.End == exited:
			t.Status, t.ErrorCode = assist.StatusFailed, "ExitCodeNonzero"
			t.ErrorInfo = "The command execution exit code is not zero."
		case o.End == timedOut:
			t.Status, t.ErrorCode = assist.StatusTimeout, "ExecutionTimeout"
			t.ErrorInfo = "The command execution has been timeout."
			t.ExitCode, t.Finished = 1, t.Started.Add(seconds(j.Timeout))
		case o.End == stopped && !t.Stopped.IsZero():
			t.Status = assist.StatusTerminated
		case o.End == stopped:
			interrupted().put(t)
		default:
			broke(o.Err).put(t)
		}
	})
}

func broke(err error) *fault {
	return &fault{assist.StatusError, "ExecutionException", fmt.Sprintf("The command execution got an exception: %v.", err)}
}

// obey is what an agent does after the exit codes that ask for it: the instance goes down, and may come up again. This
// machine is left alone.
func (h *host) obey(exitCode int) {
	powerOff, reboot := powerCodes()
	switch exitCode {
	case powerOff:
		h.set(func(it *Instance) { it.Status = "Stopped" })
	case reboot:
		h.reboot()
	}
}

func powerCodes() (powerOff, reboot int) {
	if runtime.GOOS == "windows" {
		return 3009, 3010
	}
	return 193, 194
}

// seconds makes a time-out of a request's number, which may be larger than any duration.
func seconds(n int64) time.Duration {
	const aCentury = 100 * 366 * 24 * 60 * 60
	return time.Duration(min(n, aCentury)) * time.Second
}
