package lab

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"
)

// mostRemovals is how many directories RemoveAbandoned removes at a time, so that nobody waits for it.
const mostRemovals = 8

// RemoveAbandoned removes the temporary directories of labs that were killed, with the scripts and files in them. It leaves
// alone whatever is not certainly such a directory of this user's, or is in use. What cannot be removed stays for the next
// time.
func RemoveAbandoned() {
	left := mostRemovals
	for _, place := range temporaryPlaces() {
		left -= removeAbandonedIn(place, left)
	}
}

// temporaryPlaces are the directories that temporary ones are made in.
func temporaryPlaces() []string {
	places := []string{os.TempDir(), sharedDirParent()}
	if os.Getenv("TMPDIR") == "" {
		if memory := memoryDir(); memory != "" {
			places = append(places, memory)
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// removeAbandonedIn returns how many it has tried to remove. It takes them in any order, so that some that cannot be
// removed do not keep it from the others for ever.
func removeAbandonedIn(path string, most int) (tried int) {
	place, err := os.OpenRoot(path)
	if err != nil {
		return 0
	}
	defer func() { _ = place.Close() }()
	names, _ := namesIn(place)
	names = slices.DeleteFunc(names, func(name string) bool { return !isTemporaryName(name) })
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		if tried == most {
			break
		}
		if removeIfAbandoned(place, name) {
			tried++
		}
	}
	return tried
}

// isTemporaryName reports whether a name is one that os.MkdirTemp makes.
func isTemporaryName(name string) bool {
	number, ok := strings.CutPrefix(name, temporaryPrefix)
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// removeIfAbandoned reports whether a directory was abandoned; then as much of it is removed as can be. Everybody may put
// anything into the place, a symbolic link to another directory of ours too: what is opened has to be what was looked at.
func removeIfAbandoned(place *os.Root, name string) bool {
	info, err := place.Lstat(name)
	if err != nil || !info.IsDir() || !ownedAlone(info) {
		return false
	}
	path := filepath.Join(place.Name(), name)
	dir, err := openSame(path, info)
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
	if d.empty(dir) == nil {
		_ = dir.Close()
		_ = place.Remove(name)
	}
	return true
}
