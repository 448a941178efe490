package lab

import (
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/schedule"
)

// plan has a task run later, or more than once: by a Frequency, or where there is none when its instance starts.
//
// While a run is going on, another that is due by the Frequency is skipped. A start of the instance then has it run once
// more afterwards, unless it was the run itself that rebooted the instance: that would never end. Skipped, too, is a run
// that finds its instance down, its agent offline or its queue full: as the documents say, what cannot be carried out
// leaves no record, and NextRebootOnly then waits for another start.
//
// A plan ends with StopInvocation, and else, if it ever does, with its last run, whose state the task then keeps. If all
// of its times were skipped, the task ends as Aborted for the reason of the last. A Frequency that never fires ends it
// before it began, as Invalid.
type repetition struct {
	*invocation
	agents *agents
	ref    taskRef
	host   *host

	mu      sync.Mutex
	running bool
	again   bool      // the instance has started since the run did
	next    time.Time // by the frequency; zero when there is none
}

// schedule sets an invocation's plans going; the store knows its tasks already.
func (a *agents) schedule(inv *invocation, hosts []*host) {
	for i, h := range hosts {
		p := &repetition{invocation: inv, agents: a, ref: taskRef{inv.InvokeId, i}, host: h}
		if f := needsUpgrade(inv, h.get()); f != nil {
			p.refuse(f)
			continue
		}
		if p.Frequency == nil {
			h.atStart(p)
			continue
		}
		p.mu.Lock()
		fires := p.await(inv.Created, inv.Created)
		p.mu.Unlock()
		if !fires {
			p.refuse(invalid("BadCronExpression", "The specified frequency never fires."))
		}
	}
}

// refuse ends a plan before it began.
func (p *repetition) refuse(f *failure) {
	p.agents.store.change(p.ref, func(t *task) bool { f.put(t); return true })
}

// await makes the next appointment, later than now; p.mu is held. A rate is counted on from the last time that was due,
// however late that was noticed.
func (p *repetition) await(last, now time.Time) bool {
	if p.Frequency.Kind() != schedule.Rate && last.Before(now) {
		last = now
	}
	next := p.Frequency.Next(last, p.Zone)
	for !next.IsZero() && !next.After(now) {
		next = p.Frequency.Next(next, p.Zone)
	}
	p.next = next
	if !next.IsZero() {
		p.agents.scheduler.at(next, func() { p.tick(next) })
	}
	return !next.IsZero()
}

func (p *repetition) tick(due time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended() {
		p.await(due, p.agents.scheduler.clock.Now())
		p.run()
	}
}

// started is called when the instance starts.
func (p *repetition) started() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = p.running
	p.run()
}

func (p *repetition) ended() bool { return p.agents.store.task(p.ref).Status.Terminal() }

func (p *repetition) run() {
	if p.running || p.ended() {
		return
	}
	p.running, p.again = true, false
	number := p.agents.store.task(p.ref).Repeats + 1
	p.agents.start(&job{invocation: p.invocation, ref: p.ref, host: p.host, repetition: p, run: number})
}

// skip gives a run up that has not begun.
func (p *repetition) skip(f *failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = false
	if p.again {
		p.run()
	}
	if p.Frequency == nil || !p.next.IsZero() {
		return
	}
	p.agents.store.change(p.ref, func(t *task) bool {
		if t.Status = t.Outcome; t.Repeats == 0 {
			f.put(t)
		}
		return true
	})
}

// end closes a run, as put says, and with the last one the task. A run that put has to end before its script was started
// is begun here: it counts, too.
func (p *repetition) end(run int64, put func(*task)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = false
	rebooted := false
	last := p.RepeatMode == repeatNextReboot || p.Frequency != nil && p.next.IsZero()
	p.agents.store.change(p.ref, func(t *task) bool {
		if t.Repeats < run {
			t.begin(p.agents.store.nextRun())
		}
		put(t)
		t.Outcome = t.Status
		_, reboot := powerCodes()
		rebooted = t.Outcome == assist.StatusFailed && t.ExitCode == int64(reboot)
		switch {
		case t.Outcome == assist.StatusTerminated:
		case !t.Stopped.IsZero():
			t.Status = assist.StatusCancelled // the script was quicker than the stop
		case !last:
			t.Status = assist.StatusScheduled
		}
		return true
	})
	if p.again && !rebooted {
		p.run()
	}
}
