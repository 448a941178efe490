package lab

import (
	"fmt"
	"net/http"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// ResetRequest resets a lab to its state at its start: it ends running scripts, and drops invocations, schedules, saved commands,
// sent files, client tokens, the log and the counts of calls and faults. The faults are those that the lab was started with. The
// instances return to the state in which they were added, and their files are removed. Activations and hosts that were registered
// with them stay. This action exists only in labs, not in the service.
type ResetRequest struct {
	KeepInstances bool // the instances stay as they are, with their files
}

// ResetResponse has the numbers of what a reset has ended or dropped.
type ResetResponse struct {
	RequestId   string
	Scripts     int64 // that were running
	Invocations int64
	Commands    int64 // saved ones
	Files       int64 // that were sent, on any number of instances
}

// Action returns the name of the action.
func (*ResetRequest) Action() string { return "LabReset" }

// Repeatable returns true, because a second reset changes nothing.
func (*ResetRequest) Repeatable() bool { return true }

// resetLab is called alone. It changes nothing that survives a crash before all of it.
func resetLab(c call, r *ResetRequest) (*ResetResponse, error) {
	if c.agents.isClosed() {
		return nil, assist.Refusal(http.StatusServiceUnavailable, "ServiceUnavailable", "The lab is closed.")
	}
	response := c.served.count()
	c.fileSender.close()
	c.agents.endAll()
	id := &c.identity
	if !r.KeepInstances {
		id.Discarded++
		if err := discardDir(c.Lab, c.dirs.path, id.Discarded); err != nil {
			return nil, fmt.Errorf("remove the files of the instances: %w", err)
		}
	}
	release := c.storage.Hold() // only now: what has just ended flushes
	err := c.renew()
	id.Sequences = c.own.store.counters.last()
	c.storage.Write(keep.Set(ofLab, identityKey, *id), keep.Clear(ofCommand), keep.Clear(ofInvocation), keep.Clear(ofTask), keep.Clear(ofRun),
		keep.Clear(ofFile), keep.Clear(ofFileTask), keep.Clear(ofToken))
	for _, h := range c.everywhere().hosts() {
		h.reset(!r.KeepInstances)
	}
	if r.KeepInstances {
		c.faults.assignToKept(c.served.hosts())
	} else {
		c.faults.applyToInstances(c.served.hosts())
	}
	c.callLog.clear()
	release()
	return response, err
}

// count returns the numbers of what regions have.
func (all sites) count() *ResetResponse {
	n := new(ResetResponse)
	for _, s := range all {
		s.addTo(n)
	}
	return n
}

func (s site) addTo(n *ResetResponse) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	s.files.mu.RLock()
	defer s.files.mu.RUnlock()
	n.Invocations += int64(len(s.store.invocations))
	n.Commands += int64(len(s.store.inOrder))
	n.Files += int64(len(s.files.inOrder))
	for _, e := range s.store.invocations {
		n.Scripts += int64(e.tally.counts[assist.StatusRunning] + e.tally.counts[assist.StatusStopping])
	}
}
