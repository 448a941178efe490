package lab

import (
	"context"
	"math"
	"sync"
	"time"

	"muster/pkg/lab/runner"
)

// simulate lets a run pass as the Simulation of its instance says. It returns at once: a timer ends the job, which has no
// goroutine until then.
func (a *agents) simulate(ctx context.Context, j *job) {
	lasts, exitCode := j.simulation.draw(simulatedRun{j.host.get().InstanceId, j.turn, j.run})
	timeout := seconds(j.Timeout)
	if a.faults.occurs(j.injected.hang) {
		lasts = math.MaxInt64
	} else {
		a.noteExecution(j)
	}
	o := runner.Outcome{End: runner.Exited, ExitCode: exitCode}
	if lasts > timeout {
		lasts, o = timeout, runner.Outcome{End: runner.TimedOut}
	}
	finish := func(o runner.Outcome) {
		a.live(j, func() (continues bool) {
			a.conclude(j, o)
			return false
		})
	}
	var both sync.Mutex // held until timer and unwatch are both set
	both.Lock()
	defer both.Unlock()
	var unwatch func() bool
	timer := time.AfterFunc(lasts, func() {
		both.Lock()
		first := unwatch()
		both.Unlock()
		if first {
			finish(o)
		}
	})
	unwatch = context.AfterFunc(ctx, func() {
		both.Lock()
		timer.Stop()
		both.Unlock()
		finish(runner.Outcome{End: runner.Stopped})
	})
}

// simulatedOutput returns the output of a simulated run.
func (a *agents) simulatedOutput(inv *invocation, t *task) []byte {
	h := a.sites.hostOrFormer(t.InstanceId)
	if h == nil {
		return nil
	}
	it := h.get()
	s := it.Simulation
	if s == nil {
		return nil
	}
	text, _ := a.fillBuiltins(s.Text, inv, it)
	return s.output(simulatedRun{t.InstanceId, t.Turn, t.Repeats}, text)
}
