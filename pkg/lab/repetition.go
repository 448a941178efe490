package lab

import (
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/schedule"
)

// repetition runs a task later or more than once: at the times of its Frequency or, without one, when its instance starts.
//
// A run that is due while another is in progress is skipped. If the instance starts meanwhile, one more run follows, unless
// the run itself rebooted the instance, which would never end. A run is also skipped when its instance is down, its agent
// offline or its queue full: as the documentation says, a run that cannot be carried out leaves no record, and
// NextRebootOnly waits for another start.
//
// When the clocks of its zone change, a cron runs as on an instance, and not by the calendar, see [schedule.Frequency.AgentNext].
// Once silent, it waits for its instance to start.
//
// ModifyInvocationAttribute replaces the invocation, see repetition_replace.go. Times of the Frequency before no longer count.
//
// A repetition ends with StopInvocation or with its last run, whose state the task keeps. If every run was skipped, the task
// becomes Aborted for the reason of the last skip. A Frequency that never fires makes the task Invalid at once.
type repetition struct {
	*invocation
	agents *agents
	ref    taskRef
	host   *host

	mu       sync.Mutex
	running  bool
	replaced bool      // the run in progress is being killed, and has no result
	again    bool      // the instance has started during the run, or a run was due while one was being killed
	next     time.Time // by the Frequency; zero when there is no next run
	silent   bool      // there is no next run until the instance starts
}

func (a *agents) newRepetition(inv *invocation, ref taskRef, h *host) *repetition {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := &repetition{invocation: inv, agents: a, ref: ref, host: h}
	a.repetitions[ref] = p
	return p
}

// forgetRepetition releases the repetition of a task that has ended.
func (a *agents) forgetRepetition(ref taskRef) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.repetitions, ref)
}

// refuse ends a repetition before its first run.
func (p *repetition) refuse(f *failure) {
	p.agents.store.change(p.ref, func(t *task) bool { f.put(t); return true })
	p.agents.forgetRepetition(p.ref)
}

// await schedules the next run, later than now, and reports whether there may be one; p.mu is held. A rate counts from the last
// time that was due, however late that time was noticed.
func (p *repetition) await(last, now time.Time) bool {
	if p.Frequency.Kind() != schedule.Rate && last.Before(now) {
		last = now
	}
	next, silent := p.Frequency.AgentNext(last, p.Zone)
	for !next.IsZero() && !next.After(now) {
		next, silent = p.Frequency.AgentNext(next, p.Zone)
	}
	p.next, p.silent = next, silent
	if silent {
		p.host.runAtStart(p)
	}
	if !next.IsZero() {
		p.agents.scheduler.at(next, func() { p.tick(next) })
	}
	return !p.over()
}

// over reports whether a Frequency has no further run; p.mu is held.
func (p *repetition) over() bool { return p.Frequency != nil && p.next.IsZero() && !p.silent }

func (p *repetition) tick(due time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended() && due.Equal(p.next) { // otherwise the Frequency has changed
		p.await(due, p.agents.scheduler.clock.Now())
		p.run()
	}
}

// started runs the task when its instance has started. A cron that was silent continues at its next time.
func (p *repetition) started() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Frequency != nil {
		if now := p.agents.scheduler.clock.Now(); p.silent && !p.ended() && !p.await(now, now) && !p.running {
			p.finish(notRunning())
		}
		return
	}
	p.again = p.running
	p.run()
}

func (p *repetition) ended() bool { return p.agents.store.task(p.ref).Status.Terminal() }

func (p *repetition) run() {
	switch {
	case p.running:
		p.again = p.again || p.replaced
		return
	case p.ended():
		return
	}
	p.running, p.again = true, false
	number := p.agents.store.task(p.ref).Repeats + 1
	p.agents.start(&job{invocation: p.invocation, ref: p.ref, host: p.host, repetition: p, run: number})
}

// skip leaves out a run that has not begun.
func (p *repetition) skip(f *failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaveOut(f)
}

// leaveOut ends a run without a record of it; p.mu is held.
func (p *repetition) leaveOut(f *failure) {
	p.running, p.replaced = false, false
	if p.again {
		p.run()
	}
	if p.over() && !p.running {
		p.finish(f)
	}
}

// finish ends a repetition without a further run: with the state of its last run or, without one, with a failure; p.mu is held.
func (p *repetition) finish(f *failure) {
	p.agents.store.change(p.ref, func(t *task) bool {
		if t.Status = t.Outcome; t.Repeats == 0 {
			f.put(t)
		}
		return true
	})
	p.agents.forgetRepetition(p.ref)
}

// end writes the end of a run to the store, and the end of the task if it was the last run. A run that failed before its script
// started counts too.
func (p *repetition) end(run int64, put func(*task)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.replaced {
		p.leaveOut(interrupted())
		return
	}
	p.running = false
	rebooted := false
	last := p.RepeatMode == repeatNextReboot || p.over()
	p.agents.store.change(p.ref, func(t *task) bool {
		if t.Repeats < run {
			t.startRun(p.agents.store.nextRun())
			t.CommandId = p.Command.CommandId
		}
		put(t)
		t.endRun(last)
		_, reboot := powerCodes()
		rebooted = t.Outcome == assist.StatusFailed && t.ExitCode == int64(reboot)
		return true
	})
	if p.again && !rebooted {
		p.run()
	}
	if p.ended() {
		p.agents.forgetRepetition(p.ref)
	}
}
