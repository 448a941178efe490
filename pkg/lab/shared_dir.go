package lab

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// sharedDirMode lets all users enter a directory, but only its owner list it.
const sharedDirMode = 0o711

// sharedDir is a temporary directory for the scripts of other users, who cannot enter the lab's own directories. It is created
// when it is first needed.
type sharedDir struct {
	mu  sync.Mutex
	dir *TemporaryDir
}

// sharedDirParent returns the directory that shared directories are created in.
func sharedDirParent() string { return firstEnterable(os.TempDir(), "/tmp", "/var/tmp") }

// path returns the path of a name in the directory.
func (d *sharedDir) path(name string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir == nil {
		dir, err := makeTemporaryDir(sharedDirParent())
		if err != nil {
			return "", err
		}
		if err := os.Chmod(dir.Path, sharedDirMode); err != nil {
			return "", errors.Join(err, dir.Remove())
		}
		d.dir = dir
	}
	return filepath.Join(d.dir.Path, name), nil
}

func (d *sharedDir) remove() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir != nil {
		_ = d.dir.Remove() // no script needs it any more
		d.dir = nil
	}
}

// firstEnterable returns the first directory that all users can enter, or the first of all if there is none. The temporary
// directory of root may be closed to other users.
func firstEnterable(dirs ...string) string {
	for _, dir := range dirs {
		if enterable(dir) {
			return dir
		}
	}
	return dirs[0]
}

// enterable reports whether all users can enter a directory and its parents.
func enterable(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || info.Mode()&0o001 == 0 {
		return false
	}
	parent := filepath.Dir(dir)
	return parent == dir || enterable(parent)
}
