package journal

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"muster/pkg/fleet"
)

const ending = ".jsonl"

// runID is what may be a run's id, which is a file's name too.
var runID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`) })

// Dir is a directory of journals, which need not exist yet.
type Dir struct{ Path string }

// InUseError tells that another process has a run.
type InUseError struct{ RunId string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("run %s is in use: another muster is at it", e.RunId)
}

// UnknownRunError reports that no run, or more than one, has such an id.
type UnknownRunError struct {
	Text string
	Near []string // ids that may have been meant
	Many int      // how many ids begin or end with the text, where it is ambiguous
	Runs int      // how many there are, where one was named by its place among them
}

func (e *UnknownRunError) Error() string {
	if e.Many > 1 {
		return fmt.Sprintf("run %q is ambiguous: %d runs match, such as %s", e.Text, e.Many, strings.Join(e.Near, ", "))
	}
	message := fmt.Sprintf("there is no run %q here", e.Text)
	switch {
	case e.Runs == 1:
		message += ": there is 1 run, which is last"
	case e.Runs > 1:
		message += fmt.Sprintf(": there are %d runs, and the oldest is last~%d", e.Runs, e.Runs-1)
	}
	if len(e.Near) > 0 {
		message += "; near it: " + strings.Join(e.Near, ", ")
	}
	return message
}

func (d Dir) file(id string) string { return filepath.Join(d.Path, id+ending) }

// lockOf is what a process locks that writes a journal. Windows keeps others from reading what is locked, so that it is a
// file of its own there.
func (d Dir) lockOf(id string) *flock.Flock {
	if runtime.GOOS == "windows" {
		return flock.New(d.file(id) + ".lock")
	}
	return flock.New(d.file(id), flock.SetFlag(os.O_RDWR))
}

// Create begins a journal. When it returns, the header and the plan are on disk.
func (d Dir) Create(h Header, plan fleet.Plan) (*Journal, error) {
	if !runID().MatchString(h.RunId) {
		return nil, fmt.Errorf("make a journal: %q is no run's id", h.RunId)
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return nil, fmt.Errorf("make a journal: %w", err)
	}
	file, err := os.OpenFile(d.file(h.RunId), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a journal: %w", err)
	}
	_ = os.Remove(stopRequest(file.Name()))
	j := newJournal(file, h.Throwaway)
	if j.lock, err = d.acquire(h.RunId); err != nil {
		return nil, errors.Join(fmt.Errorf("make a journal: %w", err), file.Close())
	}
	h.Journal = version
	_, err = j.appendLine(h, "")
	if err == nil {
		err = j.appendLong(&plan)
	}
	if err == nil {
		err = errors.Join(j.Sync(), d.sync(j.volatile))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a journal: %w", err), j.Close(), os.Remove(d.file(h.RunId)))
	}
	return j, nil
}

// sync has the directory's entries on disk. Not every system can.
func (d Dir) sync(volatile bool) error {
	if volatile || runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(d.Path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d Dir) acquire(id string) (*flock.Flock, error) {
	lock := d.lockOf(id)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the journal: %w", err)
	}
	if !locked {
		return nil, &InUseError{RunId: id}
	}
	return lock, nil
}

// Open gives a run to go on with, which nobody else is at. An error may be an *InUseError, a *NewerError or a
// *CorruptError.
func (d Dir) Open(id string) (*Journal, *Record, error) {
	lock, err := d.acquire(id)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(d.file(id), os.O_RDWR, 0)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the journal: %w", err), lock.Unlock())
	}
	record, err := read(file, id)
	if err == nil {
		err = file.Truncate(record.whole)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close(), lock.Unlock())
	}
	_ = os.Remove(stopRequest(file.Name())) // of a process before this one
	j := newJournal(file, record.Throwaway)
	j.lock, j.size, j.lines = lock, record.whole, record.lines
	return j, record, nil
}

// Read gives a run to look at. It must be closed.
func (d Dir) Read(id string) (*Record, error) {
	file, err := os.Open(d.file(id))
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	record, err := read(file, id)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	record.Running = d.inUse(id)
	return record, nil
}

func (d Dir) inUse(id string) bool {
	lock := d.lockOf(id)
	free, err := lock.TryRLock()
	if free {
		_ = lock.Unlock()
	}
	return err == nil && !free
}

// Summary is what a list tells of a run.
type Summary struct {
	Header
	Running bool
	End     *fleet.Event // how it settled or was interrupted; nil when it was cut off, or goes on
	Err     error        // why it cannot be read; then the header has its id alone
}

// List gives the runs, newest first.
func (d Dir) List() ([]Summary, error) {
	ids, err := d.ids()
	if err != nil {
		return nil, err
	}
	runs := make([]Summary, 0, len(ids))
	for _, id := range ids {
		runs = append(runs, d.summary(id))
	}
	slices.SortStableFunc(runs, func(a, b Summary) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.RunId, a.RunId)) })
	return runs, nil
}

func (d Dir) summary(id string) Summary {
	s := Summary{Header: Header{RunId: id}}
	file, err := os.Open(d.file(id))
	if err != nil {
		s.Err = err
		return s
	}
	defer func() { _ = file.Close() }()
	header, end, err := readHeader(file, id)
	if err != nil {
		s.Err = err
		return s
	}
	return Summary{Header: header, Running: d.inUse(id), End: end}
}

// ids are those of all runs, newest first: they begin with the time.
func (d Dir) ids() ([]string, error) {
	entries, err := os.ReadDir(d.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), ending); ok && runID().MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(b, a) })
	return ids, nil
}

// Find returns the id of the run that is named by that id, by any beginning or end of it that no other run has, or by its
// place: last, last~1 for the one before it, and so on.
func (d Dir) Find(text string) (string, error) {
	ids, err := d.ids()
	if err != nil {
		return "", err
	}
	if back, ok := placeFromLast(text); ok {
		if back < len(ids) {
			return ids[back], nil
		}
		return "", &UnknownRunError{Text: text, Runs: len(ids)}
	}
	var found []string
	for _, id := range ids {
		if id == text {
			return id, nil
		}
		if text != "" && (strings.HasPrefix(id, text) || strings.HasSuffix(id, text)) {
			found = append(found, id)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	unknown := &UnknownRunError{Text: text, Near: found, Many: len(found)}
	if len(found) == 0 {
		slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(alike(b, text), alike(a, text)) })
		unknown.Near = slices.DeleteFunc(ids, func(id string) bool { return 2*alike(id, text) < len(text) })
	}
	unknown.Near = unknown.Near[:min(len(unknown.Near), 3)]
	return "", unknown
}

// placeFromLast returns how many runs there are after the one that a text such as last~1 names.
func placeFromLast(text string) (back int, ok bool) {
	if text == "last" {
		return 0, true
	}
	digits, ok := strings.CutPrefix(text, "last~")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	back, err := strconv.Atoi(digits)
	if err != nil {
		back = math.MaxInt // more than there are runs
	}
	return back, true
}

// alike counts the characters that two texts begin and end with.
func alike(a, b string) int {
	begin, end := 0, 0
	for begin < min(len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	for end < min(len(a), len(b)) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return begin + end
}

// Remove forgets a run that nobody is at.
func (d Dir) Remove(id string) error {
	lock, err := d.acquire(id)
	if err != nil {
		return err
	}
	_ = os.Remove(stopRequest(d.file(id)))
	err = os.Remove(d.file(id))
	err = errors.Join(err, lock.Unlock())
	if runtime.GOOS == "windows" {
		_ = os.Remove(lock.Path())
	}
	if err != nil {
		return fmt.Errorf("remove the journal: %w", err)
	}
	return nil
}

// Prune forgets the runs that have not been written to since a time, but for those that somebody is at, and says how many.
func (d Dir) Prune(before time.Time) (removed []string, err error) {
	ids, err := d.ids()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		info, err := os.Stat(d.file(id))
		if err != nil || !info.ModTime().Before(before) {
			continue
		}
		if err := d.Remove(id); err == nil {
			removed = append(removed, id)
		} else if _, busy := errors.AsType[*InUseError](err); !busy {
			return removed, err
		}
	}
	return removed, nil
}
