package lab

import (
	"math"
	"slices"
	"time"

	"muster/pkg/assist"
)

// deregister removes a managed instance, and ends everything that it has to do. It reports false if it was removed already.
func deregister(l *Lab, s site, h *host) bool {
	if !s.inventory.leave(h) {
		return false
	}
	if h.enrolled != nil {
		h.enrolled.leave()
	}
	s.activations.deregistered(h.get().Managed.ActivationId)
	releaseTasks(l.agents, h)
	l.fileSender.release(s.files, h)
	return true
}

// releaseTasks ends the tasks of a host that has left the inventory. What its scripts have written until then stays.
func releaseTasks(a *agents, h *host) {
	for _, ref := range a.store.unfinishedOn(h.get().InstanceId) {
		output := a.store.task(ref).Output
		if j := a.job(ref); j != nil {
			output = j.reported()
		}
		a.store.change(ref, func(t *task) bool { t.release(output); return true })
		a.forgetRepetition(ref)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, j := range a.jobs {
		if j.host == h {
			j.stop(errInterrupted)
		}
	}
}

// release ends a task whose instance has left. A repeated task between two runs keeps the state of the last one.
func (t *task) release(output []byte) {
	switch {
	case t.inProgress():
		t.Output, t.Finished = output, time.Now()
		if released().put(t); !t.Stopped.IsZero() {
			t.Status, t.ErrorCode, t.ErrorInfo = assist.StatusTerminated, "", ""
		}
	case t.Repeats > 0 && t.Outcome != "":
		t.Status = t.Outcome
	default:
		noSuchHost().put(t)
	}
}

// releaseGoneTasks releases those hosts that have left the inventory since they were looked up.
func releaseGoneTasks(a *agents, hosts []*host) {
	for _, h := range hosts {
		if h.isGone() {
			releaseTasks(a, h)
		}
	}
}

// unfinishedOn returns the tasks of an instance that have not ended.
func unfinishedOn(s *store, instanceID string) []taskRef {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var refs []taskRef
	for _, e := range s.index[indexKey{byInstanceID, instanceID}] {
		for i, t := range e.tasks {
			if t.InstanceId == instanceID && !t.Status.Terminal() {
				refs = append(refs, taskRef{e.InvokeId, i})
			}
		}
	}
	return refs
}

// release ends the deliveries of files to a host that has left the inventory.
func (c *fileSender) release(s *fileStore, h *host) {
	id := h.get().InstanceId
	for f := range s.newest(math.MaxUint64) {
		i := slices.IndexFunc(f.Tasks, func(t *task) bool { return t.InstanceId == id })
		if i < 0 || f.Tasks[i].Status.Terminal() {
			continue
		}
		ref := taskRef{f.InvokeId, i}
		c.settle(s, ref, noSuchHost())
		c.mu.Lock()
		if stop := c.stops[ref]; stop != nil {
			stop()
		}
		c.mu.Unlock()
	}
}

// releaseGone releases those hosts that have left the inventory since they were looked up.
func (c *fileSender) releaseGone(s *fileStore, hosts []*host) {
	for _, h := range hosts {
		if h.isGone() {
			c.release(s, h)
		}
	}
}
