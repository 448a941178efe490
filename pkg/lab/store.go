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

// maxCommands is how many commands an account may keep: the documents' highest quota.
const maxCommands = 10_000

// store remembers the commands and invocations of a region. What it gives out stays as it was read; a change replaces it.
// Reads by an index cost what they find, however much else there is.
type store struct {
	keep keep.Keeper

	mu          sync.RWMutex
	sequence    uint64
	runs        uint64 // that have begun
	lost        int    // tasks whose results are in no list
	commands    map[string]*savedCommand
	inOrder     []*savedCommand // oldest first; replaced, not changed, when one is deleted
	invocations map[string]*entry
	index       map[indexKey][]*entry // oldest first; appended to, or replaced
}

// indexKey names a list of invocations: those with a value of a kind, or all.
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
	forgotten int64 // of invoked, those that are no longer here
	busy      int   // its tasks that have not ended
}

type entry struct {
	*invocation
	sequence uint64
	before   int     // tasks of all invocations before it
	tasks    []*task // the store's lock is for them,
	tally    tally   // and for this
}

// record is an invocation with its tasks, as they were when it was read.
type record struct {
	*invocation
	Sequence uint64
	Tasks    []*task
	sum      sum
}

// commandRecord is a saved command, as it was when it was read.
type commandRecord struct {
	*command
	Sequence uint64
	Invoked  int64
}

// taskRef names a task: the invocation, and which of its instances.
type taskRef struct {
	invokeID string
	index    int
}

func newStore() *store {
	return &store{
		keep:        keep.NoKeeper{},
		commands:    map[string]*savedCommand{},
		invocations: map[string]*entry{},
		index:       map[indexKey][]*entry{},
	}
}

// saveCommand keeps a command.
func (s *store) saveCommand(c *command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.inOrder) >= maxCommands {
		return assist.Refusal(http.StatusForbidden, "CmdCount.ExceedQuota", "The total number of commands in the current region exceeds the quota.")
	}
	s.sequence++
	saved := &savedCommand{command: c, sequence: s.sequence}
	s.commands[c.CommandId] = saved
	s.inOrder = append(s.inOrder, saved)
	s.keep.Write(saved.kept())
	return nil
}

func (c *savedCommand) kept() keep.Change {
	return keep.Set(ofCommand, keep.Key(c.sequence), keptCommand{c.sequence, c.command, c.forgotten})
}

// command gives a saved command.
func (s *store) command(id string) (*command, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	saved, ok := s.commands[id]
	if !ok {
		return nil, unknownCommand()
	}
	return saved.command, nil
}

// modifyCommand puts a changed copy in a saved command's place; what was sent already keeps what it had.
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
	s.keep.Write(saved.kept())
	return nil
}

// deleteCommand forgets a saved command, unless it is being executed.
func (s *store) deleteCommand(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved, ok := s.commands[id]
	switch {
	case !ok:
		return unknownCommand()
	case saved.busy > 0:
		// The code of today's DeleteCommand page in the service's documentation.
		return assist.Refusal(http.StatusForbidden, "InvalidStatus.CmdIdInUse", "The specified commandId is in use by some running Invocation.")
	}
	delete(s.commands, id)
	s.inOrder = slices.DeleteFunc(slices.Clone(s.inOrder), func(c *savedCommand) bool { return c == saved })
	s.keep.Write(keep.Remove(ofCommand, keep.Key(saved.sequence)))
	return nil
}

func unknownCommand() error {
	return assist.Refusal(http.StatusNotFound, "InvalidCmdId.NotFound", "The specified command ID does not exist.")
}

// newestCommands gives the saved commands from before a place in their sequence, newest first.
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

// addInvocation remembers an invocation with a pending task for each instance. One of a saved command is refused when the
// command has been deleted meanwhile.
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
	for _, t := range tasks {
		t.Turn = int64(len(s.index[indexKey{byInstanceID, t.InstanceId}])) + 1
	}
	s.sequence++
	e := &entry{invocation: inv, sequence: s.sequence, tasks: tasks}
	s.enter(e)
	if s.keep.Lasts() {
		s.keep.Write(keepInvocation(e))
		for i, t := range tasks {
			s.keep.Write(keep.Set(ofTask, keep.Key(e.sequence, uint64(i)), t))
		}
	}
	return nil
}

// enter puts an invocation where it is found.
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

// invocation gives one invocation.
func (s *store) invocation(id string) (record, bool) {
	e := s.entry(id)
	if e == nil {
		return record{}, false
	}
	return s.read(e), true
}

// entry is nil where there is none.
func (s *store) entry(id string) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.invocations[id]
}

func (e *entry) read() record {
	return record{e.invocation, e.sequence, slices.Clone(e.tasks), e.tally.sum}
}

// read gives an invocation with its tasks.
func (s *store) read(e *entry) record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return e.read()
}

// readIf gives an invocation with its tasks, if what these add up to is wanted.
func (s *store) readIf(e *entry, wanted func(*invocation, sum) bool) (record, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !wanted(e.invocation, e.tally.sum) {
		return record{}, false
	}
	return e.read(), true
}

// isOn tells whether an invocation was sent to an instance.
func (s *store) isOn(e *entry, instanceID string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return isOn(e.tasks, instanceID)
}

// resultsOf tells how many results of an invocation are in some state; on one instance that it was sent to, at most one is.
func (s *store) resultsOf(e *entry, instanceID, status string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := e.tally.results(status)
	if instanceID != "" {
		n = min(n, 1)
	}
	return n
}

// count tells how many invocations and how many results a list has, if that can be told without looking at each.
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

// newest gives invocations from before a place in their sequence, newest first. Those that it gives are in the shortest
// of the lists, and may be in the others or not.
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

// change replaces a task that has not ended by what f makes of it; f leaves it as it is by returning false. One that has
// ended is never changed again. The result tells whether it was changed.
func (s *store) change(ref taskRef, f func(t *task) bool) bool {
	return s.replace(ref, func(t *task) bool {
		if !f(t) {
			return false
		}
		t.Updated = time.Now()
		return true
	})
}

// told notes what an answer is about to tell of the output of a run that goes on, so that a crash does not take it back.
func (s *store) told(ref taskRef, run int64, output []byte, dropped int64) {
	if !s.keep.Lasts() {
		return
	}
	s.replace(ref, func(t *task) bool {
		goesOn := t.Repeats == run && (t.Status == assist.StatusRunning || t.Status == assist.StatusStopping)
		if !goesOn || bytes.Equal(t.Output, output) && t.Dropped == dropped {
			return false
		}
		t.Output, t.Dropped = output, dropped
		return true
	})
}

func (s *store) replace(ref taskRef, f func(t *task) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.invocations[ref.invokeID]
	if e == nil { // forgotten, so it had ended
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
	if s.keep.Lasts() {
		s.keep.Write(changesOf(keep.Key(e.sequence, uint64(ref.index)), before, &next)...)
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

// nextRun numbers a run. It is for functions that change is given.
func (s *store) nextRun() uint64 {
	s.runs++
	return s.runs
}

// task gives one task, and of one that has been forgotten that it had ended.
func (s *store) task(ref taskRef) *task {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.invocations[ref.invokeID]; e != nil {
		return e.tasks[ref.index]
	}
	return &task{Status: assist.StatusFinished}
}
