package lab

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// modifyInvocation replaces an invocation by a changed copy, with tasks for the instances that are added. If it is resent to its
// instances, runs in progress are dropped. Its order and the results of earlier runs stay.
func (s *store) modifyInvocation(next *invocation, added []*host, resent bool, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.invocations[next.InvokeId]
	switch {
	case old == nil:
		return unknownInvocation()
	case assist.Status(old.tally.sum.newer).Terminal():
		return assist.Refusal(http.StatusForbidden, "InvalidOperation.InvokeAlreadyFinished", "The operation is not supported for finished invocation.")
	}
	e := &entry{invocation: next, sequence: old.sequence, before: old.before, tasks: slices.Clone(old.tasks)}
	if resent {
		for i, t := range e.tasks {
			e.tasks[i] = t.withoutRun(now)
		}
	}
	for _, h := range added {
		id := h.get().InstanceId
		turn := int64(len(s.index[indexKey{byInstanceID, id}])) + 1
		e.tasks = append(e.tasks, &task{InstanceId: id, Status: assist.StatusScheduled, Created: now, Updated: now, Turn: turn})
	}
	e.tally = newTally(e.tasks)
	changes, err := s.reassign(old, e)
	if err != nil {
		return err
	}
	s.reindex(old, e)
	if s.storage.Persistent() {
		s.storage.Write(append(changes, s.keepModified(old, e)...)...)
	}
	return nil
}

// withoutRun returns a task without its run in progress, as it was before that began. A task that is being stopped is Cancelled. A task
// without a run in progress is returned as it is.
func (t *task) withoutRun(now time.Time) *task {
	if !t.inProgress() {
		return t
	}
	before := task{InstanceId: t.InstanceId, Turn: t.Turn, Created: t.Created}
	if n := len(t.History); n > 0 {
		before = *t.History[n-1]
		before.History = t.History[: n-1 : n-1]
		before.Outcome = before.Status
	}
	before.Status, before.Updated = assist.StatusScheduled, now
	if t.Status == assist.StatusStopping {
		before.Status, before.Stopped = assist.StatusCancelled, t.Stopped
	}
	return &before
}

// reassign moves an invocation to its new command. If the old one is saved, so is the new one, which counts against the quota. It returns
// the changed records.
func (s *store) reassign(old, e *entry) ([]keep.Change, error) {
	saved := s.commands[old.Command.CommandId]
	if saved == nil {
		return nil, nil
	}
	if e.Command.CommandId == old.Command.CommandId {
		saved.busy += e.active() - old.active()
		return nil, nil
	}
	if len(s.inOrder) >= maxCommands {
		return nil, assist.Refusal(http.StatusForbidden, "CommandLimitExceeded", "The count of command in current region exceeds the limit.")
	}
	next := s.addCommand(e.Command)
	next.invoked, next.busy = 1, e.active()
	saved.busy -= old.active()
	saved.forgotten++ // it continues to count the invocation
	return []keep.Change{s.keepCommand(next), s.keepCommand(saved)}, nil
}

// active returns the number of tasks that have not finished.
func (e *entry) active() int {
	n := 0
	for status, count := range e.tally.counts {
		if !status.Terminal() {
			n += count
		}
	}
	return n
}

// reindex replaces an invocation in all indexes, at the same place. Readers have the old lists.
func (s *store) reindex(old, e *entry) {
	s.invocations[e.InvokeId] = e
	keys := []indexKey{{byNothing, ""}, {byCommandName, e.Command.Name}}
	for _, t := range e.tasks {
		keys = append(keys, indexKey{byInstanceID, t.InstanceId})
	}
	if before := (indexKey{byCommandID, old.Command.CommandId}); e.Command.CommandId != old.Command.CommandId {
		s.index[before] = slices.DeleteFunc(slices.Clone(s.index[before]), func(other *entry) bool { return other == old })
		if len(s.index[before]) == 0 {
			delete(s.index, before)
		}
	}
	for _, key := range append(keys, indexKey{byCommandID, e.Command.CommandId}) {
		list := slices.Clone(s.index[key])
		i, found := slices.BinarySearchFunc(list, e.sequence, func(other *entry, n uint64) int { return cmp.Compare(other.sequence, n) })
		if found {
			list[i] = e
		} else {
			list = slices.Insert(list, i, e)
		}
		s.index[key] = list
	}
	for _, later := range s.index[indexKey{byNothing, ""}] {
		if later.sequence > e.sequence {
			later.before += len(e.tasks) - len(old.tasks)
		}
	}
}

// keepModified returns the changes of records when an invocation is replaced.
func (s *store) keepModified(old, e *entry) []keep.Change {
	changes := []keep.Change{s.keepInvocation(e)}
	for i, t := range e.tasks {
		key := keep.Key(e.sequence, uint64(i))
		switch {
		case i >= len(old.tasks):
			changes = append(changes, keep.Set(ofTask, key, t))
		case t != old.tasks[i]:
			changes = append(changes, changesOf(key, old.tasks[i], t)...)
		}
	}
	return changes
}
