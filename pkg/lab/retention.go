package lab

import (
	"slices"
	"sync"
	"time"

	"muster/pkg/lab/keep"
)

// The service's newest documentation limits its history to the invocations of the last 30 days, at most 10,000, and the
// files of the last day, at most 1,000. What has not finished stays.
const (
	invocationAge  = 30 * 24 * time.Hour
	maxInvocations = 10_000
	fileAge        = 24 * time.Hour
	maxFiles       = 1_000
)

// sweepInterval is how often the lab looks for expired records. It also looks when a limit is exceeded by a tenth.
const sweepInterval = time.Hour

// retention schedules the search for expired records.
type retention struct {
	mu   sync.Mutex
	next time.Time
}

func (r *retention) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.next) && r.next.Sub(now) <= sweepInterval { // otherwise the clock was set back
		return false
	}
	r.next = now.Add(sweepInterval)
	return true
}

// sweep drops the records that the service would no longer show, from the data directory too. It is cheap between sweeps.
func (r *retention) sweep(now time.Time, all sites) {
	due := r.due(now)
	for _, s := range all {
		s.sweep(now, due)
	}
}

func (s site) sweep(now time.Time, due bool) {
	if due || s.store.size() > maxInvocations+maxInvocations/10 {
		s.store.forget(now)
	}
	if due || s.files.size() > maxFiles+maxFiles/10 {
		s.files.forget(now)
	}
}

func (s *store) size() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.invocations)
}

// expired returns the records that the service no longer shows: of those that have ended, the oldest beyond most and those
// older than age. The records are oldest first; ended reports whether one has ended, and since when its age counts.
func expired[R any](records []R, now time.Time, most int, age time.Duration, created func(R) time.Time, ended func(R) (bool, time.Time)) []R {
	var gone []R
	excess := len(records) - most
	for _, r := range records {
		if len(gone) >= excess && now.Sub(created(r)) <= age {
			break
		}
		if over, since := ended(r); over && (len(gone) < excess || now.Sub(since) > age) {
			gone = append(gone, r)
		}
	}
	return gone
}

func (s *store) forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := map[*entry]bool{}
	newest := uint64(0)
	for _, e := range expired(s.index[indexKey{byNothing, ""}], now, maxInvocations, invocationAge,
		func(e *entry) time.Time { return e.Created }, func(e *entry) (bool, time.Time) { return lastOf(e.tasks) }) {
		gone[e] = true
		newest = e.sequence
		s.drop(e)
	}
	if len(gone) == 0 {
		return
	}
	for key, list := range s.index {
		if list[0].sequence > newest {
			continue
		}
		list = slices.DeleteFunc(slices.Clone(list), func(e *entry) bool { return gone[e] }) // readers have the old one
		if s.index[key] = list; len(list) == 0 {
			delete(s.index, key)
		}
	}
	before := 0
	for _, e := range s.index[indexKey{byNothing, ""}] {
		e.before = before
		before += len(e.tasks)
	}
}

// drop removes an invocation from everything except the index. Its command continues to count it.
func (s *store) drop(e *entry) {
	delete(s.invocations, e.InvokeId)
	changes := []keep.Change{keep.Remove(ofInvocation, keep.Key(e.sequence))}
	for i, t := range e.tasks {
		key := keep.Key(e.sequence, uint64(i))
		changes = append(changes, keep.Remove(ofTask, key))
		s.lost -= lostOf(t)
		for _, run := range t.History {
			changes = append(changes, keep.Remove(ofRun, key+keep.Key(run.Order)))
		}
	}
	if c := s.commands[e.Command.CommandId]; c != nil {
		c.forgotten++
		changes = append(changes, s.keepCommand(c))
	}
	s.storage.Write(changes...) // in one transaction: half an invocation could not be loaded again
}

// lastOf reports whether all tasks have finished, and returns when the last of them changed.
func lastOf(tasks []*task) (ended bool, last time.Time) {
	for _, t := range tasks {
		if !t.Status.Terminal() {
			return false, time.Time{}
		}
		if t.Updated.After(last) {
			last = t.Updated
		}
	}
	return true, last
}

func (s *fileStore) size() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.inOrder)
}

func (s *fileStore) forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := map[*fileRecord]bool{}
	created := func(r *fileRecord) time.Time { return r.Created }
	for _, r := range expired(s.inOrder, now, maxFiles, fileAge, created, func(r *fileRecord) (bool, time.Time) {
		ended, _ := lastOf(r.Tasks)
		return ended, r.Created
	}) {
		gone[r] = true
		s.drop(r)
	}
	s.inOrder = slices.DeleteFunc(slices.Clone(s.inOrder), func(r *fileRecord) bool { return gone[r] }) // readers have the old one
}

func (s *fileStore) drop(r *fileRecord) {
	delete(s.byID, r.InvokeId)
	changes := []keep.Change{keep.Remove(ofFile, keep.Key(r.Sequence))}
	for i := range r.Tasks {
		changes = append(changes, keep.Remove(ofFileTask, keep.Key(r.Sequence, uint64(i))))
	}
	s.storage.Write(changes...)
}
