package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"muster/pkg/fleet"
)

const ending = ".jsonl"

// Dir is a directory of journals. It need not exist.
type Dir struct{ Path string }

// InUseError reports that a run is in use by another process.
type InUseError struct{ RunId string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("run %s is in use by another muster process", e.RunId)
}

func (d Dir) file(id string) string { return filepath.Join(d.Path, id+ending) }

// lockOf returns the lock of a process that writes a journal. On Windows it is a separate file, because others cannot read a
// locked file there.
func (d Dir) lockOf(id string) *flock.Flock {
	if runtime.GOOS == "windows" {
		return flock.New(d.file(id) + ".lock")
	}
	return flock.New(d.file(id), flock.SetFlag(os.O_RDWR))
}

// Create begins a journal. When it returns, the header and the plan are on disk.
func (d Dir) Create(h Header, plan fleet.Plan) (*Journal, error) {
	if !isRunID(h.RunId) {
		return nil, fmt.Errorf("create a journal: invalid run id %q", h.RunId)
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return nil, fmt.Errorf("create a journal: %w", err)
	}
	file, err := os.OpenFile(d.file(h.RunId), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create a journal: %w", err)
	}
	_ = os.Remove(stopRequest(file.Name()))
	j := newJournal(file, h.Throwaway)
	if j.lock, err = d.acquire(h.RunId); err != nil {
		return nil, errors.Join(fmt.Errorf("create a journal: %w", err), file.Close())
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
		return nil, errors.Join(fmt.Errorf("create a journal: %w", err), j.Close(), os.Remove(d.file(h.RunId)))
	}
	return j, nil
}

// sync writes the directory's entries to disk, on systems that support it.
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

// Open opens a run to resume, and locks it. The error may be an *[InUseError], a *[NewerError] or a *[CorruptError].
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
	_ = os.Remove(stopRequest(file.Name())) // of an earlier process
	j := newJournal(file, record.Throwaway)
	j.lock, j.size, j.lines = lock, record.whole, record.lines
	return j, record, nil
}

// Read opens a run to read. The caller must close the record.
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

// Remove deletes the journal of a run that no process is using.
func (d Dir) Remove(id string) error {
	return d.remove(id, true)
}

// remove is Remove, with or without a request to stop the run.
func (d Dir) remove(id string, stopRequested bool) error {
	lock, err := d.acquire(id)
	if err != nil {
		return err
	}
	if stopRequested {
		_ = os.Remove(stopRequest(d.file(id)))
	}
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

// stopRequest returns the file beside a journal that asks the process that writes it to stop the run.
func stopRequest(path string) string { return path + ".stop" }

// RequestStop asks the process that uses a run to send nothing more, and to stop what it has sent.
func (d Dir) RequestStop(id string) error {
	file, err := os.OpenFile(stopRequest(d.file(id)), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return fmt.Errorf("request a stop of run %s: %w", id, err)
	}
	return nil
}

// StopRequested reports whether a stop of the run was requested since this process opened it.
func (j *Journal) StopRequested() bool {
	_, err := os.Stat(stopRequest(j.path))
	return err == nil
}
