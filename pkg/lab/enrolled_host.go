package lab

import (
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// enrolledHost is the part of a [host] that only an enrolled one has: a real machine, whose official agent runs the tasks. What the
// agent was given and what it has reported is in its handouts; what of it must survive a crash is in their tasks.
type enrolledHost struct {
	host   *host
	agents *agents
	notify func() // makes the agent ask for its list; must not block

	mu        sync.Mutex
	closed    bool
	left      bool       // the host was deregistered
	handouts  []*handout // in the order of their assignment
	byID      map[string]*handout
	files     map[string]*fileHandout
	checks    map[string]*hostCheck // dry runs, by InvokeId
	heartbeat time.Time             // the last one
	channel   bool                  // the agent can be notified
}

func newEnrolledHost(h *host, a *agents, notify func()) *enrolledHost {
	return &enrolledHost{host: h, agents: a, notify: notify, byID: map[string]*handout{}, files: map[string]*fileHandout{}, checks: map[string]*hostCheck{}}
}

// assign adds a task for the agent, which the store has already.
func (e *enrolledHost) assign(inv *invocation, ref taskRef) {
	h := &handout{invocation: inv, ref: ref, enrolled: e, injected: e.agents.faults.forTask(targetTask, e.host.get().InstanceId)}
	e.agents.faults.takeOfflineIfDue(e.host)
	if f := h.refusal(); f != nil {
		h.fail(f)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.left {
		return
	}
	if !inv.repeats() && e.waiting() >= maxRunning+maxWaiting {
		h.fail(tooManyTasks())
		return
	}
	e.add(h)
	h.arm()
	e.notify()
}

// resume continues a task after a restart of the lab. Its agent gets some time to report what has happened meanwhile.
func (e *enrolledHost) resume(inv *invocation, ref taskRef, t *task) {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := &handout{invocation: inv, ref: ref, enrolled: e, ended: t.Status.Terminal()}
	if t.Agent != nil {
		h.version = t.Agent.Version
	}
	h.handed = h.given() && (!h.atStart() || t.Status != assist.StatusScheduled)
	e.add(h)
	h.armAfter(reportGrace)
}

// connected notes that the agent can be notified, or cannot any more. It may have been restarted meanwhile without a list, so that it
// gets its schedules again; it ignores those that it has.
func (e *enrolledHost) connected(open bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.channel = open
	if !open || e.closed {
		return
	}
	for _, h := range e.handouts {
		if h.Frequency != nil {
			h.handed = false
		}
	}
	e.notify()
}

// add adds a handout; e.mu is held.
func (e *enrolledHost) add(h *handout) {
	e.handouts = append(e.handouts, h)
	e.byID[h.InvokeId] = h
}

// reachable reports whether the agent can be notified, and no fault keeps it offline; e.mu is held.
func (e *enrolledHost) reachable() bool { return e.channel && e.host.get().Online }

// waiting returns the number of tasks that run once and have not ended; e.mu is held.
func (e *enrolledHost) waiting() int {
	n := 0
	for _, h := range e.handouts {
		if !h.repeats() && !h.ended {
			n++
		}
	}
	return n
}

// remove forgets a handout, whose agent need not know of it any more; e.mu is held.
func (e *enrolledHost) remove(h *handout) {
	h.timer.stop()
	if e.byID[h.InvokeId] == h {
		delete(e.byID, h.InvokeId)
	}
	if i := slices.Index(e.handouts, h); i >= 0 {
		e.handouts = slices.Delete(e.handouts, i, i+1)
	}
}

// list returns what the agent has to do, and marks it as handed out.
func (e *enrolledHost) list(r protocol.ListRequest) protocol.List {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list protocol.List
	if e.closed || !e.left && !e.reachable() {
		return list
	}
	places := maxRunning
	for _, h := range e.handouts {
		if !h.repeats() && h.handed && !h.ended {
			places--
		}
	}
	for _, h := range slices.Clone(e.handouts) { // a failed one is removed
		switch {
		case h.ended, h.current().Status == assist.StatusStopping:
			list.Stop = append(list.Stop, h.task())
		case h.wanted(r):
			if !h.repeats() && !h.handed {
				if places == 0 {
					continue
				}
				places--
			}
			if t, ok := h.hand(); ok {
				list.Run = append(list.Run, t)
			}
		}
	}
	for _, c := range e.checks {
		list.Test = append(list.Test, c.task())
	}
	for _, f := range e.files {
		if file, ok := f.hand(); ok {
			list.Files = append(list.Files, file)
		}
	}
	return list
}

// report notes what the agent reports. What is not of this host, or was reported before, changes nothing.
func (e *enrolledHost) report(r protocol.Report) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r.File {
		if f := e.files[r.TaskId]; f != nil {
			f.report(r)
		}
		return
	}
	if c := e.checks[r.TaskId]; c != nil {
		c.conclude(r)
		return
	}
	h := e.byID[r.TaskId]
	if h == nil {
		return
	}
	switch {
	case h.ended && r.Kind == protocol.Running:
		e.notify() // it is to be stopped
	case h.ended:
		e.remove(h)
	case r.Kind == protocol.Running:
		h.progress(r)
	default:
		h.conclude(r)
	}
	if e.byID[h.InvokeId] != h && e.waiting() >= maxRunning { // a place is free
		e.notify()
	}
}

// stop stops a task that has not ended.
func (e *enrolledHost) stop(ref taskRef) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if h := e.byID[ref.invokeID]; h != nil && !h.ended {
		h.stop()
	}
}

// leave makes the agent stop everything that it was given, because the host was deregistered. It gets nothing more.
func (e *enrolledHost) leave() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.left = true
	for _, h := range slices.Clone(e.handouts) {
		h.timer.stop()
		if h.ended = true; !h.given() {
			e.remove(h)
		}
	}
	e.dropFiles()
}

// close leaves all tasks as they are.
func (e *enrolledHost) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, h := range e.handouts {
		h.timer.stop()
	}
	for _, f := range e.files {
		f.timer.stop()
	}
}

// dropFiles forgets all files; e.mu is held.
func (e *enrolledHost) dropFiles() {
	for _, f := range e.files {
		f.timer.stop()
	}
	clear(e.files)
}

// renew makes the host continue after a reset of the lab. Its agent is told to stop everything that it was given.
func (e *enrolledHost) renew(a *agents) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.agents = a
	for _, h := range slices.Clone(e.handouts) {
		if !h.given() {
			e.remove(h)
			continue
		}
		h.ended = true
		h.arm()
	}
	e.dropFiles()
	e.notify()
}

// hostTimer calls a function after some time, with the lock of an enrolled host held. That lock guards the timer, too.
type hostTimer struct{ timer *time.Timer }

// set makes the timer call a function, unless it is set again or stopped before, or the host is closed; e.mu is held.
func (t *hostTimer) set(e *enrolledHost, wait time.Duration, expire func()) {
	t.stop()
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if t.timer == timer && !e.closed {
			expire()
		}
	})
	t.timer = timer
}

// stop stops the timer; the lock of its host is held.
func (t *hostTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}
