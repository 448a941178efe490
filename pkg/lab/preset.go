package lab

import (
	"slices"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// Preset is the saved commands and invocations that a new lab has from its start, as the fleet file describes them. It is immutable.
type Preset struct {
	commands    []presetCommand
	invocations []presetInvocation
}

type presetCommand struct {
	*command
	region string // empty for the first region of the lab
}

type presetInvocation struct {
	*invocation
	tasks  []*task
	region string // empty for the first region of the lab
}

// in returns the part of a preset that is for a region. What has no region is for the first one.
func (p Preset) in(region string, first bool) Preset {
	elsewhere := func(of string) bool { return of != region && (of != "" || !first) }
	return Preset{
		slices.DeleteFunc(slices.Clone(p.commands), func(c presetCommand) bool { return elsewhere(c.region) }),
		slices.DeleteFunc(slices.Clone(p.invocations), func(inv presetInvocation) bool { return elsewhere(inv.region) }),
	}
}

// addPreset adds a preset to a store that is still empty.
func (s *store) addPreset(p Preset) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range p.commands {
		s.storage.Write(s.keepCommand(s.addCommand(c.command)))
	}
	for _, inv := range p.invocations {
		tasks := make([]*task, len(inv.tasks))
		for i, t := range inv.tasks {
			next := *t
			if tasks[i] = &next; next.Repeats > 0 {
				next.Order = s.nextRun()
			}
		}
		s.engage(s.addTasks(inv.invocation, tasks))
	}
}

// addTasks adds an invocation with its tasks; s.mu is held.
func (s *store) addTasks(inv *invocation, tasks []*task) *entry {
	for _, t := range tasks {
		t.Turn = int64(len(s.index[indexKey{byInstanceID, t.InstanceId}])) + 1
	}
	e := &entry{invocation: inv, sequence: s.counters.records.Add(1), tasks: tasks}
	s.enter(e)
	if s.storage.Persistent() {
		s.storage.Write(s.keepInvocation(e))
		for i, t := range tasks {
			s.storage.Write(keep.Set(ofTask, keep.Key(e.sequence, uint64(i)), t))
		}
	}
	return e
}

// sort sorts a preset by creation, which is the order of the lists.
func (p *Preset) sort() {
	slices.SortStableFunc(p.commands, func(a, b presetCommand) int { return a.Created.Compare(b.Created) })
	slices.SortStableFunc(p.invocations, func(a, b presetInvocation) int { return a.Created.Compare(b.Created) })
}

// presetOutcome is the end of a task of a preset, or of the latest run of a scheduled one.
type presetOutcome struct {
	status            assist.Status
	exit              int64
	failure           *failure // nil after an exit code, or for a task that was stopped
	output            []byte
	dropped           int64
	started, finished time.Time // zero if the script did not start
	stopped, updated  time.Time // zero if nothing says when
	repeats           int64
}

// task returns the task of an invocation on an instance.
func (o *presetOutcome) task(inv *invocation, instanceID string) *task {
	t := &task{
		InstanceId: instanceID, Status: o.status, ExitCode: o.exit, Output: o.output, Dropped: o.dropped, Repeats: o.repeats,
		Created: inv.Created, Started: o.started, Finished: o.finished, Stopped: o.stopped, Updated: inv.Created,
	}
	if o.failure != nil {
		t.ErrorCode, t.ErrorInfo = o.failure.code, o.failure.info
	}
	for _, at := range []time.Time{o.finished, o.stopped} {
		if at.After(t.Updated) {
			t.Updated = at
		}
	}
	if !o.updated.IsZero() {
		t.Updated = o.updated
	}
	if t.Stopped.IsZero() && (o.status == assist.StatusCancelled || o.status == assist.StatusTerminated) {
		t.Stopped = t.Updated
	}
	if inv.repeats() && o.repeats > 0 {
		t.CommandId, t.Outcome = inv.Command.CommandId, o.ended()
	}
	return t
}

// ended returns the state of the latest run of a task that repeats.
func (o *presetOutcome) ended() assist.Status {
	switch {
	case o.status != assist.StatusScheduled && o.status != assist.StatusCancelled:
		return o.status
	case o.failure != nil:
		return o.failure.status
	}
	return assist.StatusSuccess
}
