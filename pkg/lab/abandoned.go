package lab

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"
)

// maxRemovals limits how many directories one call of RemoveAbandoned removes, so that it stays fast.
const maxRemovals = 8

// RemoveAbandoned removes temporary directories of labs that were killed, with the scripts and files in them. It removes only
// directories that are certainly such a directory of the current user, and not in use. What it cannot remove is left for the
// next call.
func RemoveAbandoned() {
	left := maxRemovals
	for _, parent := range temporaryParents() {
		left -= removeAbandonedIn(parent, left)
	}
}

// temporaryParents returns the directories that temporary directories are created in.
func temporaryParents() []string {
	parents := []string{os.TempDir(), sharedDirParent()}
	if os.Getenv("TMPDIR") == "" {
		if dir := tmpfsDir(); dir != "" {
			parents = append(parents, dir)
		}
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}

// removeAbandonedIn removes at most limit abandoned directories from a directory, and returns how many it has tried to remove. The
// order is random, so that directories that cannot be removed do not block the others forever.
func removeAbandonedIn(path string, limit int) (tried int) {
	parent, err := os.OpenRoot(path)
	if err != nil {
		return 0
	}
	defer func() { _ = parent.Close() }()
	names, _ := namesIn(parent)
	names = slices.DeleteFunc(names, func(name string) bool { return !isTemporaryName(name) })
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		if tried == limit {
			break
		}
		if removeIfAbandoned(parent, name) {
			tried++
		}
	}
	return tried
}

// isTemporaryName reports whether os.MkdirTemp may have made a name.
func isTemporaryName(name string) bool {
	number, ok := strings.CutPrefix(name, temporaryPrefix)
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// removeIfAbandoned removes as much of a directory as possible if it is abandoned, and reports whether it is. Other users can
// create anything in the parent, even symbolic links to directories of the current user, so each file must be the same when it
// is opened as when it was inspected.
func removeIfAbandoned(parent *os.Root, name string) bool {
	info, err := parent.Lstat(name)
	if err != nil || !info.IsDir() || !ownedExclusively(info) {
		return false
	}
	path := filepath.Join(parent.Name(), name)
	dir, err := openUnchanged(path, info)
	if err != nil {
		return false
	}
	defer func() { _ = dir.Close() }()
	file, err := dir.Lstat(lockName)
	if err != nil || !file.Mode().IsRegular() {
		return false
	}
	d := &TemporaryDir{path, info, flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_RDWR))}
	if held, err := d.lock.TryLock(); err != nil || !held {
		return false
	}
	if locked, err := d.lock.Stat(); err != nil || !os.SameFile(file, locked) {
		_ = d.unlock()
		return false
	}
	if d.removeContent(dir) == nil {
		_ = dir.Close()
		_ = parent.Remove(name)
	}
	return true
}
