package lab

import (
	"math"
	"os"
	"path/filepath"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// newRunner returns the runner of the lab's scripts. It first kills the processes that a killed lab left in the same data
// directory.
func (l *Lab) newRunner(binDir string, alone bool) *runner.Runner {
	var r *runner.Runner
	if l.storage.Persistent() {
		r = runner.NewAfter(binDir, l.identity.Mark)
	} else {
		r = runner.New(binDir)
	}
	r.Alone = alone
	return r
}

// resume continues the tasks that were kept. A task that had begun is interrupted and never runs again, one that had
// certainly not begun is delivered again, and a repetition continues without the times that have passed.
func (l *Lab) resume() {
	s := l.own.store
	for _, e := range s.index[indexKey{byNothing, ""}] {
		inv := e.read()
		for i, t := range inv.Tasks {
			if !t.Status.Terminal() {
				l.agents.resume(inv.invocation, taskRef{inv.InvokeId, i}, t, l.own.inventory.byID[t.InstanceId])
			}
		}
	}
	for f := range l.own.files.newest(math.MaxUint64) {
		for i, t := range f.Tasks {
			ref := taskRef{f.InvokeId, i}
			switch h := l.own.inventory.byID[t.InstanceId]; {
			case t.Status.Terminal():
			case t.Status == assist.StatusPending && h != nil:
				l.fileSender.resume(l.own.files, ref, f.sentFile, h)
			default:
				l.fileSender.settle(l.own.files, ref, interrupted())
			}
		}
	}
}

func (a *agents) resume(inv *invocation, ref taskRef, t *task, h *host) {
	if h == nil {
		a.store.change(ref, func(t *task) bool { interrupted().put(t); return true })
		return
	}
	begun := t.Status == assist.StatusRunning || t.Status == assist.StatusStopping
	if begun && h.get().Simulation == nil {
		a.sweep(inv.InvokeId, t.InstanceId)
	}
	switch {
	case inv.repeats():
		p := &repetition{invocation: inv, agents: a, ref: ref, host: h}
		p.resume(begun, t.Repeats)
	case begun:
		a.store.change(ref, cutShort)
	default:
		a.start(&job{invocation: inv, ref: ref, run: 1, host: h})
	}
}

// cutShort ends a run whose lab was killed. If it was being stopped, it counts as stopped.
func cutShort(t *task) bool {
	if t.Stopped.IsZero() {
		interrupted().put(t)
	} else {
		t.Status = assist.StatusTerminated
	}
	t.Finished = time.Now()
	return true
}

// sweep removes the script files of a run whose lab was killed.
func (a *agents) sweep(invokeID, instanceID string) {
	left, _ := filepath.Glob(filepath.Join(a.dir, instanceID, invokeID+"*"))
	for _, path := range left {
		_ = os.Remove(path) // a leftover does no harm
	}
}

// resume continues a repetition. If its last time has passed meanwhile, it ends as if its instance had been down.
func (p *repetition) resume(begun bool, run int64) {
	if p.Frequency == nil {
		p.host.runAtStart(p)
	} else {
		p.mu.Lock()
		p.await(p.Created, p.agents.scheduler.clock.Now())
		p.mu.Unlock()
	}
	if begun {
		p.end(run, func(t *task) { cutShort(t) })
	} else {
		p.skip(notRunning())
	}
}
