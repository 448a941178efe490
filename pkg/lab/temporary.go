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
	// lockName is the file in a temporary directory that the lab holds locked as long as it lives. The system releases the
	// lock however the process ends, and knows no process ids, which are reused and mean nothing in another container.
	lockName = "lock"
	// mostAttempts is how often another directory is made in place of one that RemoveAbandoned took for abandoned.
	mostAttempts = 100
)

// TemporaryDir is a directory of a lab that does not last. What is left of one whose lab was killed, [RemoveAbandoned]
// removes.
type TemporaryDir struct {
	Path string
	made fs.FileInfo  // what it was at first
	lock *flock.Flock // nil where the file system has no locks
}

// MakeTemporaryDir makes a directory in memory where the machine has a place for that, because a thousand instances are
// thousands of small files, and making those on a disk takes longer than running their scripts.
func MakeTemporaryDir() (*TemporaryDir, error) {
	if os.Getenv("TMPDIR") == "" {
		if dir, err := makeTemporaryDir(cmp.Or(memoryDir(), os.TempDir())); err == nil {
			return dir, nil
		}
	}
	return makeTemporaryDir(os.TempDir())
}

func makeTemporaryDir(parent string) (*TemporaryDir, error) {
	for range mostAttempts {
		path, err := os.MkdirTemp(parent, temporaryPrefix)
		if err != nil {
			return nil, err
		}
		made, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		d := &TemporaryDir{path, made, flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR))}
		if d.hold() {
			return d, nil
		}
	}
	return nil, fmt.Errorf("each new directory in %s was removed at once", parent)
}

// hold locks a directory that is new. It reports false where RemoveAbandoned, in another process, was faster: between the
// making of the lock's file and the locking of it, the directory looks like one whose lab was killed. Where the file system
// has no locks the directory goes without: nobody takes it for an abandoned one then.
func (d *TemporaryDir) hold() bool {
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
	there, gone := os.Lstat(path)
	if err != nil || gone != nil || !os.SameFile(locked, there) {
		_ = d.lock.Unlock()
		return false
	}
	return true
}

// Remove removes the directory and all that is in it. If it is gone already, whatever has its name now is left alone.
func (d *TemporaryDir) Remove() error {
	dir, err := openSame(d.Path, d.made)
	if errors.Is(err, fs.ErrNotExist) {
		return d.unlock()
	}
	if err != nil {
		return errors.Join(err, d.unlock())
	}
	if err := errors.Join(d.empty(dir), dir.Close()); err != nil {
		return err
	}
	if err := os.Remove(d.Path); !errors.Is(err, fs.ErrNotExist) { // it was empty, and RemoveAbandoned may have been faster
		return err
	}
	return nil
}

// openSame opens a directory that was looked at before. Where there is another one now, the error is fs.ErrNotExist.
func openSame(path string, seen fs.FileInfo) (*os.Root, error) {
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

// empty removes what is in the directory, and releases the lock. The lock's file goes last, so that a removal that is
// interrupted leaves a directory that is recognised.
func (d *TemporaryDir) empty(dir *os.Root) error {
	names, err := namesIn(dir)
	for _, name := range names {
		if name != lockName {
			err = errors.Join(err, dir.RemoveAll(name))
		}
	}
	if err != nil {
		return errors.Join(err, d.unlock())
	}
	if runtime.GOOS == "windows" { // where a file that is open cannot be removed
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
