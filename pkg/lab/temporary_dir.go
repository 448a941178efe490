package lab

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

const (
	temporaryPrefix = "muster-lab-"
	// lockName is the file in a temporary directory that the lab keeps locked while it runs. The system releases the lock however
	// the process ends. A process id would not do: it may be reused, and means nothing in another container.
	lockName = "lock"
	// maxAttempts is how often a new directory is replaced because RemoveAbandoned has removed it.
	maxAttempts = 100
)

// TemporaryDir is a directory of a lab without a data directory. If the lab is killed, [RemoveAbandoned] removes it.
type TemporaryDir struct {
	Path string
	made fs.FileInfo  // of the directory when it was created
	lock *flock.Flock // nil if the file system has no locks
}

// MakeTemporaryDir creates a temporary directory, in memory if the machine has a file system for that: a thousand instances have
// thousands of small files, and creating those on a disk takes longer than running the scripts.
func MakeTemporaryDir() (*TemporaryDir, error) {
	if os.Getenv("TMPDIR") == "" {
		if dir, err := makeTemporaryDir(cmp.Or(tmpfsDir(), os.TempDir())); err == nil {
			return dir, nil
		}
	}
	return makeTemporaryDir(os.TempDir())
}

func makeTemporaryDir(parent string) (*TemporaryDir, error) {
	for range maxAttempts {
		path, err := os.MkdirTemp(parent, temporaryPrefix)
		if err != nil {
			return nil, err
		}
		made, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		d := &TemporaryDir{path, made, flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR))}
		if d.tryLock() {
			return d, nil
		}
	}
	return nil, fmt.Errorf("create a directory in %s: each was removed at once", parent)
}

// tryLock locks a new directory. It returns false if RemoveAbandoned, in another process, has removed the directory: before its
// lock file is locked, it looks like an abandoned one. If the file system has no locks, the directory has no lock file, and is
// never taken for abandoned.
func (d *TemporaryDir) tryLock() bool {
	path := d.lock.Path()
	held, err := d.lock.TryLock()
	if err != nil {
		d.lock = nil
		_ = os.Remove(path)
		return true
	}
	if !held {
		return false
	}
	locked, err := d.lock.Stat()
	current, missing := os.Lstat(path)
	if err != nil || missing != nil || !os.SameFile(locked, current) {
		_ = d.lock.Unlock()
		return false
	}
	return true
}

// Remove removes the directory and its content. If the directory no longer exists, nothing is removed, even if something else
// has its name now.
func (d *TemporaryDir) Remove() error {
	dir, err := openUnchanged(d.Path, d.made)
	if errors.Is(err, fs.ErrNotExist) {
		return d.unlock()
	}
	if err != nil {
		return errors.Join(err, d.unlock())
	}
	if err := errors.Join(d.removeContent(dir), dir.Close()); err != nil {
		return err
	}
	if err := os.Remove(d.Path); !errors.Is(err, fs.ErrNotExist) { // RemoveAbandoned may have removed the empty directory
		return err
	}
	return nil
}

// openUnchanged opens a directory that was inspected before. The error is [fs.ErrNotExist] if the path is another directory now.
func openUnchanged(path string, seen fs.FileInfo) (*os.Root, error) {
	dir, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	opened, err := dir.Stat(".")
	if err == nil && !os.SameFile(seen, opened) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return dir, nil
}

// removeContent removes the content of the directory, and releases the lock. The lock file is removed last, so that an interrupted
// removal leaves a directory that is still recognized as abandoned.
func (d *TemporaryDir) removeContent(dir *os.Root) error {
	names, err := namesIn(dir)
	for _, name := range names {
		if name != lockName {
			err = errors.Join(err, dir.RemoveAll(name))
		}
	}
	if err != nil {
		return errors.Join(err, d.unlock())
	}
	if runtime.GOOS == "windows" { // open files cannot be removed there
		err = d.unlock()
	}
	return errors.Join(err, dir.RemoveAll(lockName), d.unlock())
}

func (d *TemporaryDir) unlock() error {
	if d.lock == nil {
		return nil
	}
	return d.lock.Unlock()
}

func namesIn(dir *os.Root) ([]string, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}
