package lab

import (
	"cmp"
	"iter"
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// sentFile is a file sent to some instances. It is immutable.
type sentFile struct {
	InvokeId        string
	Name            string
	TargetDir       string
	Text            string // the content as sent
	ContentType     string
	Content         []byte
	FileOwner       string
	FileGroup       string
	FileMode        string
	Overwrite       bool
	Description     string
	Timeout         time.Duration
	ResourceGroupId string
	Tags            []assist.TagPair
	Created         time.Time
}

// fileRecord is a snapshot of a file with its task on each instance.
type fileRecord struct {
	*sentFile
	Sequence uint64
	Tasks    []*task
}

// fileStore holds the files that were sent in a region. The records that it returns are snapshots: a change replaces them.
type fileStore struct {
	storage  keep.Storage
	region   string // in its records; empty for the first region of the lab
	counters *counters

	mu      sync.RWMutex
	inOrder []*fileRecord // oldest first; appended to, or replaced
	byID    map[string]*fileRecord
}

func newFileStore() *fileStore {
	return &fileStore{storage: keep.NoStorage{}, counters: new(counters), byID: map[string]*fileRecord{}}
}

// add adds a file with a pending task for each instance.
func (s *fileStore) add(sent *sentFile, instanceIDs []string) {
	tasks := make([]*task, len(instanceIDs))
	for i, id := range instanceIDs {
		tasks[i] = &task{InstanceId: id, Status: assist.StatusPending, Created: sent.Created, Updated: sent.Created}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &fileRecord{sent, s.counters.files.Add(1), tasks}
	s.inOrder = append(s.inOrder, r)
	s.byID[sent.InvokeId] = r
	s.storage.Write(keep.Set(ofFile, keep.Key(r.Sequence), keptFile{r.Sequence, sent, s.region}))
	for i, t := range tasks {
		s.storage.Write(keep.Set(ofFileTask, keep.Key(r.Sequence, uint64(i)), t))
	}
}

// newest yields the files with a sequence number below before, newest first.
func (s *fileStore) newest(before uint64) iter.Seq[fileRecord] {
	return func(yield func(fileRecord) bool) {
		s.mu.RLock()
		list := s.inOrder
		s.mu.RUnlock()
		end, _ := slices.BinarySearchFunc(list, before, func(r *fileRecord, n uint64) int { return cmp.Compare(r.Sequence, n) })
		for _, r := range slices.Backward(list[:end]) {
			s.mu.RLock()
			read := fileRecord{r.sentFile, r.Sequence, slices.Clone(r.Tasks)}
			s.mu.RUnlock()
			if !yield(read) {
				return
			}
		}
	}
}

// change replaces a task that has not finished by a copy that f has changed. A finished task never changes again.
func (s *fileStore) change(ref taskRef, f func(t *task)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byID[ref.invokeID]
	tasks := r.Tasks
	next := *tasks[ref.index]
	if next.Status.Terminal() {
		return
	}
	f(&next)
	next.Updated = time.Now()
	tasks[ref.index] = &next
	s.storage.Write(keep.Set(ofFileTask, keep.Key(r.Sequence, uint64(ref.index)), &next))
}
