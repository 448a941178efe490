package lab

import (
	"slices"
	"sync"
	"time"

	"muster/pkg/lab/keep"
)

// How much of the past the service shows, as its newest documentation says: invocations of the last 30 days, 10,000 at
// most; files of the last day, 1,000 at most. What has not ended stays.
const (
	invocationAge  = 30 * 24 * time.Hour
	maxInvocations = 10_000
	fileAge        = 24 * time.Hour
	maxFiles       = 1_000
)

// sweepInterval is how often the lab looks for what is too old. It looks, too, when there is a tenth too much.
const sweepInterval = time.Hour

// retention is when the lab looks next.
type retention struct {
	mu   sync.Mutex
	next time.Time
}

func (r *retention) due(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.next) && r.next.Sub(now) <= sweepInterval { // or else the clock was set back
		return false
	}
	r.next = now.Add(sweepInterval)
	return true
}

// forget drops what the service would have by now, from the data directory, too. Most of the time it costs nothing.
func (l *Lab) forget() {
	now := l.clock.Now()
	due := l.retention.due(now)
	if s := l.own.store; due || s.size() > maxInvocations+maxInvocations/10 {
		s.forget(now)
	}
	if s := l.own.files; due || s.size() > maxFiles+maxFiles/10 {
		s.forget(now)
	}
}

func (s *store) size() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.invocations)
}

func (s *store) forget(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	spare := len(s.invocations) - maxInvocations
	gone := map[*entry]bool{}
	newest := uint64(0)
	for _, e := range s.index[indexKey{byNothing, ""}] {
		if len(gone) >= spare && now.Sub(e.Created) <= invocationAge {
			break
		}
		if ended, last := lastOf(e.tasks); ended && (len(gone) < spare || now.Sub(last) > invocationAge) {
			gone[e] = true
			newest = e.sequence
			s.drop(e)
		}
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

// drop takes an invocation out of everything but the index. Its command goes on counting it.
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
		changes = append(changes, c.kept())
	}
	s.keep.Write(changes...) // at once: half an invocation could not be read again
}

// lastOf tells whether all tasks have ended, and when the last of them changed.
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
	spare := len(s.inOrder) - maxFiles
	left := make([]*fileRecord, 0, len(s.inOrder)) // readers have the old one
	for _, r := range s.inOrder {
		ended, _ := lastOf(r.Tasks)
		if !ended || spare <= 0 && now.Sub(r.Created) <= fileAge {
			left = append(left, r)
			continue
		}
		spare--
		delete(s.byID, r.InvokeId)
		changes := []keep.Change{keep.Remove(ofFile, keep.Key(r.Sequence))}
		for i := range r.Tasks {
			changes = append(changes, keep.Remove(ofFileTask, keep.Key(r.Sequence, uint64(i))))
		}
		s.keep.Write(changes...)
	}
	s.inOrder = left
}
