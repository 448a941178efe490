package lab

import (
	"bytes"
	"cmp"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// maxCommands is the number of commands that an account can save: the highest quota in the documentation.
const maxCommands = 10_000

// store holds the commands and invocations of a region. The records that it returns are snapshots: a change replaces them.
// The cost of a lookup by an index depends only on what it finds.
type store struct {
	storage   keep.Storage
	region    string // in its records; empty for the first region of the lab
	counters  *counters
	modifying sync.Mutex // held during ModifyInvocationAttribute

	mu          sync.RWMutex
	lost        int // tasks whose results no list shows
	commands    map[string]*savedCommand
	inOrder     []*savedCommand // oldest first; replaced, not changed, when one is deleted
	invocations map[string]*entry
	index       map[indexKey][]*entry // oldest first; appended to, or replaced
}

// indexKey names a list of invocations: those with a value of one kind, or all.
type indexKey struct{ kind, value string }

// The kinds of lists.
const (
	byNothing     = ""
	byCommandID   = "CommandId"
	byCommandName = "CommandName"
	byInstanceID  = "InstanceId"
)

type savedCommand struct {
	*command
	sequence  uint64
	invoked   int64
	forgotten int64 // of invoked, those that retention has dropped
	busy      int   // its tasks that have not finished
}

type entry struct {
	*invocation
	sequence uint64
	before   int     // tasks of all invocations before it
	tasks    []*task // guarded by the store's lock, as is tally
	tally    tally
}

// record is a snapshot of an invocation with its tasks.
type record struct {
	*invocation
	Sequence uint64
	Tasks    []*task
	sum      sum
}

// commandRecord is a snapshot of a saved command.
type commandRecord struct {
	*command
	Sequence uint64
	Invoked  int64
}

// taskRef identifies a task by its invocation and the index of its instance.
type taskRef struct {
	invokeID string
	index    int
}

func newStore() *store {
	return &store{
		storage:     keep.NoStorage{},
		counters:    new(counters),
		commands:    map[string]*savedCommand{},
		invocations: map[string]*entry{},
		index:       map[indexKey][]*entry{},
	}
}

// saveCommand saves a command, or refuses it beyond the quota.
func (s *store) saveCommand(c *command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.inOrder) >= maxCommands {
		return assist.Refusal(http.StatusForbidden, "CmdCount.ExceedQuota", "The total number of commands in the current region exceeds the quota.")
	}
	s.storage.Write(s.keepCommand(s.addCommand(c)))
	return nil
}

// addCommand adds a command to those that are saved; s.mu is held.
func (s *store) addCommand(c *command) *savedCommand {
	saved := &savedCommand{command: c, sequence: s.counters.records.Add(1)}
	s.commands[c.CommandId] = saved
	s.inOrder = append(s.inOrder, saved)
	return saved
}

func (s *store) keepCommand(c *savedCommand) keep.Change {
	return keep.Set(ofCommand, keep.Key(c.sequence), keptCommand{c.sequence, c.command, c.forgotten, s.region})
}

// command returns a saved command.
func (s *store) command(id string) (*command, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	saved, ok := s.commands[id]
	if !ok {
		return nil, unknownCommand()
	}
	return saved.command, nil
}

// modifyCommand replaces a saved command by a changed copy. Earlier invocations keep the command as it was.
func (s *store) modifyCommand(id string, change func(*command)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved, ok := s.commands[id]
	if !ok {
		return unknownCommand()
	}
	next := *saved.command
	change(&next)
	saved.command = &next
	s.storage.Write(s.keepCommand(saved))
	return nil
}

// deleteCommand deletes a saved command, unless it is running.
func (s *store) deleteCommand(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved, ok := s.commands[id]
	switch {
	case !ok:
		return unknownCommand()
	case saved.busy > 0:
		// The code is the one on the current DeleteCommand page of the service's documentation.
		return assist.Refusal(http.StatusForbidden, "InvalidStatus.CmdIdInUse", "The specified commandId is in use by some running Invocation.")
	}
	delete(s.commands, id)
	s.inOrder = slices.DeleteFunc(slices.Clone(s.inOrder), func(c *savedCommand) bool { return c == saved })
	s.storage.Write(keep.Remove(ofCommand, keep.Key(saved.sequence)))
	return nil
}

func unknownCommand() error {
	return assist.Refusal(http.StatusNotFound, "InvalidCmdId.NotFound", "The specified command ID does not exist.")
}

// newestCommands yields the saved commands with a sequence number below before, newest first.
func (s *store) newestCommands(before uint64) iter.Seq[commandRecord] {
	return func(yield func(commandRecord) bool) {
		s.mu.RLock()
		list := s.inOrder
		s.mu.RUnlock()
		end, _ := slices.BinarySearchFunc(list, before, func(c *savedCommand, n uint64) int { return cmp.Compare(c.sequence, n) })
		for _, c := range slices.Backward(list[:end]) {
			s.mu.RLock()
			r := commandRecord{c.command, c.sequence, c.invoked}
			s.mu.RUnlock()
			if !yield(r) {
				return
			}
		}
	}
}

// addInvocation adds an invocation with a pending task for each instance. It refuses the invocation of a saved command that
// has been deleted in the meantime.
func (s *store) addInvocation(inv *invocation, instanceIDs []string, saved bool) error {
	tasks := make([]*task, len(instanceIDs))
	status := assist.StatusPending
	if inv.repeats() {
		status = assist.StatusScheduled
	}
	for i, id := range instanceIDs {
		tasks[i] = &task{InstanceId: id, Status: status, Created: inv.Created, Updated: inv.Created}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if saved {
		c, ok := s.commands[inv.Command.CommandId]
		if !ok {
			return unknownCommand()
		}
		c.invoked++
		c.busy += len(tasks)
	}
	s.addTasks(inv, tasks)
	return nil
}

// enter adds an invocation to all indexes.
func (s *store) enter(e *entry) {
	s.invocations[e.InvokeId] = e
	e.tally = newTally(e.tasks)
	if all := s.index[indexKey{byNothing, ""}]; len(all) > 0 {
		last := all[len(all)-1]
		e.before = last.before + len(last.tasks)
	}
	keys := []indexKey{{byNothing, ""}, {byCommandID, e.Command.CommandId}, {byCommandName, e.Command.Name}}
	for _, t := range e.tasks {
		keys = append(keys, indexKey{byInstanceID, t.InstanceId})
	}
	for _, key := range keys {
		s.index[key] = append(s.index[key], e)
	}
}

// invocation returns an invocation, and reports whether it exists.
func (s *store) invocation(id string) (record, bool) {
	e := s.entry(id)
	if e == nil {
		return record{}, false
	}
	return s.read(e), true
}

// entry returns an invocation, or nil.
func (s *store) entry(id string) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.invocations[id]
}

func (e *entry) read() record {
	return record{e.invocation, e.sequence, slices.Clone(e.tasks), e.tally.sum}
}

// read returns a snapshot of an invocation with its tasks.
func (s *store) read(e *entry) record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return e.read()
}

// readIf returns a snapshot of an invocation if wanted reports true for the sum of its states.
func (s *store) readIf(e *entry, wanted func(*invocation, sum) bool) (record, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !wanted(e.invocation, e.tally.sum) {
		return record{}, false
	}
	return e.read(), true
}

// isOn reports whether an invocation was sent to an instance.
func (s *store) isOn(e *entry, instanceID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return isOn(e.tasks, instanceID)
}

// resultsOf returns the number of results of an invocation in a state: at most one if instanceID is not empty.
func (s *store) resultsOf(e *entry, instanceID, status string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := e.tally.results(status)
	if instanceID != "" {
		n = min(n, 1)
	}
	return n
}

// count returns the number of invocations in a list and of their results, which is unknown if results were lost.
func (s *store) count(list indexKey) (invocations, results int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	entries := s.index[list]
	switch n := len(entries); {
	case n == 0:
	case list.kind == byNothing:
		last := entries[n-1]
		results = last.before + len(last.tasks)
	case list.kind == byInstanceID:
		results = n
	default:
		for _, e := range entries {
			results += len(e.tasks)
		}
	}
	if s.lost > 0 {
		results = unknown
	}
	return len(entries), results
}

// newest yields the invocations of the shortest of some lists with a sequence number below before, newest first. They need
// not be in the other lists.
func (s *store) newest(before uint64, lists ...indexKey) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for _, e := range slices.Backward(s.shortest(before, lists)) {
			if !yield(e) {
				return
			}
		}
	}
}

func (s *store) shortest(before uint64, lists []indexKey) []*entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	best := s.index[indexKey{byNothing, ""}]
	for _, key := range lists {
		if list := s.index[key]; len(list) < len(best) {
			best = list
		}
	}
	end, _ := slices.BinarySearchFunc(best, before, func(e *entry, n uint64) int { return cmp.Compare(e.sequence, n) })
	return best[:end]
}

// change replaces a task that has not finished by a copy that f has changed, unless f returns false. A finished task never
// changes again. change reports whether it changed the task.
func (s *store) change(ref taskRef, f func(t *task) bool) bool {
	return s.replace(ref, func(t *task) bool {
		if !f(t) {
			return false
		}
		t.Updated = time.Now()
		return true
	})
}

// noteOutput keeps the output of a running task before an answer shows it, so that a crash does not take it back.
func (s *store) noteOutput(ref taskRef, run int64, output []byte) {
	if !s.storage.Persistent() {
		return
	}
	s.replace(ref, func(t *task) bool {
		running := t.Repeats == run && t.inProgress()
		if !running || bytes.Equal(t.Output, output) {
			return false
		}
		t.Output = output
		return true
	})
}

func (s *store) replace(ref taskRef, f func(t *task) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.invocations[ref.invokeID]
	if e == nil { // dropped by retention, so it had finished
		return false
	}
	before := e.tasks[ref.index]
	next := *before
	if next.Status.Terminal() || !f(&next) {
		return false
	}
	e.tasks[ref.index] = &next
	e.tally.move(before.Status, next.Status)
	s.lost += lostOf(&next) - lostOf(before)
	if s.storage.Persistent() {
		s.storage.Write(changesOf(keep.Key(e.sequence, uint64(ref.index)), before, &next)...)
	}
	if c := s.commands[e.Command.CommandId]; c != nil && next.Status.Terminal() {
		c.busy--
	}
	return true
}

func lostOf(t *task) int {
	if t.Lost {
		return 1
	}
	return 0
}

// nextRun returns the number of a new run. Call it only in the function passed to change.
func (s *store) nextRun() uint64 {
	return s.counters.runs.Add(1)
}

// task returns a task. One that retention has dropped is returned as Finished.
func (s *store) task(ref taskRef) *task {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.invocations[ref.invokeID]; e != nil {
		return e.tasks[ref.index]
	}
	return &task{Status: assist.StatusFinished}
}
