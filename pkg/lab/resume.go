package lab

import (
	"time"

	"muster/pkg/assist"
)

// resume continues a task that was kept on an instance, which is nil if it is gone.
func (a *agents) resume(inv *invocation, ref taskRef, t *task, h *host) {
	if h == nil {
		a.store.change(ref, func(t *task) bool { interrupted().put(t); return true })
		return
	}
	if h.enrolled != nil {
		h.enrolled.resume(inv, ref, t)
		return
	}
	begun := t.inProgress()
	if begun && h.get().Simulation == nil {
		a.dirs.sweep(inv.InvokeId, t.InstanceId)
	}
	switch {
	case inv.repeats():
		a.newRepetition(inv, ref, h).resume(begun, t.Repeats)
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
