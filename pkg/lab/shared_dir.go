package lab

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// sharedDir is for the scripts of other users, who cannot enter the lab's own directories. It is there when it is needed.
// Nobody can list it, and everybody can enter it.
type sharedDir struct {
	mu  sync.Mutex
	dir *TemporaryDir
}

const sharedDirMode = 0o711

// sharedDirParent is where it is made.
func sharedDirParent() string { return firstEnterable(os.TempDir(), "/tmp", "/var/tmp") }

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

// firstEnterable gives the first of some directories that everybody can enter, or else the first: root's own temporary one may
// be closed.
func firstEnterable(dirs ...string) string {
	for _, dir := range dirs {
		if enterable(dir) {
			return dir
		}
	}
	return dirs[0]
}

func enterable(dir string) bool {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || info.Mode()&0o001 == 0 {
		return false
	}
	above := filepath.Dir(dir)
	return above == dir || enterable(above)
}

func (d *sharedDir) remove() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dir != nil {
		_ = d.dir.Remove() // no script is left that could need it
		d.dir = nil
	}
}
