package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// load reads all records from the database.
func (l *Lab) load(o Options, db *keep.Database, seeds seeds) error {
	last := l.own.store.counters
	reach(&last.records, l.identity.Sequences.Records)
	reach(&last.runs, l.identity.Sequences.Runs)
	reach(&last.files, l.identity.Sequences.Files)
	if err := l.loadInventory(o, db, seeds); err != nil {
		return err
	}
	if err := l.everywhere().stores().load(db); err != nil {
		return err
	}
	if err := l.everywhere().files().load(db); err != nil {
		return err
	}
	if err := l.everywhere().loadActivations(db); err != nil {
		return err
	}
	return keep.ReadAll(db, ofToken, func(_ string, k *struct {
		keptToken
		Answer json.RawMessage
	}) error {
		this := &attempt{response: k.Answer}
		copy(this.parameters[:], k.Parameters)
		l.tokens.first[tokenKey{k.Account, k.Action, k.Token, k.Region}] = this
		return nil
	})
}

func (l *Lab) loadInventory(o Options, db *keep.Database, seeds seeds) (err error) {
	var kept []*keptInstance
	has := map[string]*Instance{}
	err = keep.ReadAll(db, ofInstance, func(id string, k *keptInstance) error {
		kept = append(kept, k)
		has[id] = k.Instance
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(kept, func(a, b *keptInstance) int { return cmp.Compare(a.Index, b.Index) })
	var all []Instance
	used := map[string]bool{} // regions that have instances
	for _, k := range kept {
		all = append(all, *k.Instance)
		used[cmp.Or(k.Instance.RegionId, l.own.region)] = true
	}
	if len(kept) > 0 && o.Kept == RefuseKept {
		return ErrKept
	}
	for _, it := range o.Instances {
		before := has[it.InstanceId]
		if before != nil && it.Simulation != nil && !reflect.DeepEqual(before.Simulation, seeds.assign(it.Simulation)) {
			return ErrKept // otherwise instances that were to be simulated would run scripts
		}
		if before == nil && (o.Kept == AddToKept || !used[cmp.Or(it.RegionId, l.own.region)]) {
			all = append(all, it)
		}
	}
	if err := setInstances(l, all, seeds); err != nil {
		return err
	}
	for _, k := range kept {
		h := l.everywhere().host(k.Instance.InstanceId)
		h.installing, h.lastSeen = k.Installing, k.LastSeen
		if k.Added != nil {
			k.Added.Simulation = seeds.assign(k.Added.Simulation)
			assist.FillLists(&k.Added.Instance)
			h.added = k.Added
		}
	}
	return nil
}

// resume continues the tasks that were kept. A task that had begun is interrupted and never runs again, one that had
// certainly not begun is delivered again, and a repetition continues without the times that have passed.
func (l *Lab) resume() {
	for _, s := range l.served {
		l.resumeTasks(s)
		l.resumeFiles(s)
	}
}

func (l *Lab) resumeTasks(at site) {
	s := at.store
	for _, e := range s.index[indexKey{byNothing, ""}] {
		inv := e.read()
		for i, t := range inv.Tasks {
			h := at.inventory.host(t.InstanceId)
			if !t.Status.Terminal() || h != nil && h.enrolled != nil && t.mayRunOn() {
				l.agents.resume(inv.invocation, taskRef{inv.InvokeId, i}, t, h)
			}
		}
	}
}

func (l *Lab) resumeFiles(at site) {
	for f := range at.files.newest(math.MaxUint64) {
		for i, t := range f.Tasks {
			ref := taskRef{f.InvokeId, i}
			switch h := at.inventory.host(t.InstanceId); {
			case t.Status.Terminal():
			case h != nil && h.enrolled != nil:
				h.enrolled.resumeFile(at.files, f.sentFile, ref, t)
			case t.Status == assist.StatusPending && h != nil:
				l.fileSender.resume(at.files, ref, f.sentFile, h)
			default:
				l.fileSender.settle(at.files, ref, interrupted())
			}
		}
	}
}

// countInvocations restores how often each instance was invoked, and when it last was.
func (l *Lab) countInvocations() {
	for _, s := range l.everywhere() {
		s.countInvocations()
	}
}

func (s site) countInvocations() {
	for _, e := range s.store.invocations {
		for _, t := range e.tasks {
			h := s.inventory.host(t.InstanceId)
			if h == nil || t.Started.IsZero() {
				continue
			}
			h.done += t.Repeats
			if t.Started.After(h.invoked) {
				h.invoked = t.Started
			}
		}
	}
}

// load reads the records of all regions. They must all have a store.
func (all stores) load(db *keep.Database) error {
	last := all[0].counters
	err := keep.ReadAll(db, ofCommand, func(_ string, k *keptCommand) error {
		s := all.in(k.Region)
		if s == nil {
			return unknownSite(k.Region)
		}
		saved := &savedCommand{command: k.Command, sequence: k.Sequence, invoked: k.Forgotten, forgotten: k.Forgotten}
		s.commands[k.Command.CommandId] = saved
		s.inOrder = append(s.inOrder, saved)
		reach(&last.records, k.Sequence)
		return nil
	})
	if err != nil {
		return err
	}
	type placed struct {
		*entry
		in *store
	}
	bySequence := map[uint64]*entry{}
	var entries []placed
	err = keep.ReadAll(db, ofInvocation, func(_ string, k *keptInvocation) error {
		inv, err := k.restore()
		if err != nil {
			return err
		}
		s := all.in(k.Region)
		if s == nil {
			return unknownSite(k.Region)
		}
		e := &entry{invocation: inv, sequence: k.Sequence, tasks: make([]*task, 0, inv.Instances)}
		bySequence[k.Sequence] = e
		entries = append(entries, placed{e, s})
		reach(&last.records, k.Sequence)
		return nil
	})
	if err != nil {
		return err
	}
	err = keep.ReadAll(db, ofTask, func(key string, t *task) error {
		sequence, err := keep.Number(key, 0)
		if err != nil {
			return err
		}
		e := bySequence[sequence]
		if e == nil {
			return fmt.Errorf("a task of invocation %d, which there is not", sequence)
		}
		e.tasks = append(e.tasks, t)
		reach(&last.runs, t.Order)
		return nil
	})
	if err != nil {
		return err
	}
	err = keep.ReadAll(db, ofRun, func(key string, run *task) error {
		sequence, err := keep.Number(key, 0)
		if err != nil {
			return err
		}
		index, err := keep.Number(key, 1)
		if err != nil {
			return err
		}
		e := bySequence[sequence]
		if e == nil || index >= uint64(len(e.tasks)) {
			return fmt.Errorf("a run of task %d of invocation %d, which there is not", index, sequence)
		}
		e.tasks[index].History = append(e.tasks[index].History, run)
		reach(&last.runs, run.Order)
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if len(e.tasks) != e.Instances {
			return &keep.DamagedError{Err: fmt.Errorf("invocation %s has %d tasks, not %d", e.InvokeId, len(e.tasks), e.Instances)}
		}
		e.in.enter(e.entry)
		e.in.engage(e.entry)
		for _, t := range e.tasks {
			e.in.lost += lostOf(t)
		}
	}
	return nil
}

// engage adds an invocation to the invoked and busy counts of its saved command.
func (s *store) engage(e *entry) {
	c := s.commands[e.Command.CommandId]
	if c == nil {
		return
	}
	c.invoked++
	for _, t := range e.tasks {
		if !t.Status.Terminal() {
			c.busy++
		}
	}
}

// unknownSite returns the error for a record of a region that is not in the identity of the lab.
func unknownSite(region string) error {
	return fmt.Errorf("a record of region %q, which there is not", region)
}

// load reads the records of all regions. They must all have a store.
func (all fileStores) load(db *keep.Database) error {
	last := all[0].counters
	bySequence := map[uint64]*fileRecord{}
	err := keep.ReadAll(db, ofFile, func(_ string, k *keptFile) error {
		s := all.in(k.Region)
		if s == nil {
			return unknownSite(k.Region)
		}
		r := &fileRecord{k.File, k.Sequence, nil}
		s.inOrder = append(s.inOrder, r)
		s.byID[r.InvokeId] = r
		reach(&last.files, k.Sequence)
		bySequence[k.Sequence] = r
		return nil
	})
	if err != nil {
		return err
	}
	return keep.ReadAll(db, ofFileTask, func(key string, t *task) error {
		sequence, err := keep.Number(key, 0)
		if err != nil {
			return err
		}
		r := bySequence[sequence]
		if r == nil {
			return fmt.Errorf("a task of file %d, which there is not", sequence)
		}
		r.Tasks = append(r.Tasks, t)
		return nil
	})
}

// changesOf returns the changes of records when a task changes: the task itself, and the runs added to or dropped from its
// history.
func changesOf(key string, before, now *task) []keep.Change {
	changes := []keep.Change{keep.Set(ofTask, key, now)}
	if len(before.History) == len(now.History) && (len(now.History) == 0 || before.History[0] == now.History[0]) {
		return changes
	}
	runKey := func(run *task) string { return key + keep.Key(run.Order) }
	for _, run := range now.History {
		if !slices.Contains(before.History, run) {
			changes = append(changes, keep.Set(ofRun, runKey(run), run))
		}
	}
	for _, run := range before.History {
		if !slices.Contains(now.History, run) {
			changes = append(changes, keep.Remove(ofRun, runKey(run)))
		}
	}
	return changes
}
