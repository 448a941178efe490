package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// discardedPrefix begins the names of directories that a reset has discarded. They are next to the directory of the instances.
const discardedPrefix = "discarded-"

// discardDir removes a directory. Thousands of files take longer than a reset may, so that it only gets another name here; a
// goroutine, which Close waits for, removes it.
func discardDir(l *Lab, path string, number uint64) error {
	to := filepath.Join(filepath.Dir(path), fmt.Sprint(discardedPrefix, number))
	err := os.Rename(path, to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil: // on Windows, because a file in it is open
		return os.RemoveAll(path)
	}
	l.discarding.Go(func() { _ = os.RemoveAll(to) }) // what is left, the next start removes
	return nil
}

// finishDiscarding removes the directories that a killed lab has discarded. If the reset did not take effect, because the lab was
// killed before that was durable, its directory is restored.
func finishDiscarding(l *Lab) {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(l.dirs.path), discardedPrefix+"*"))
	for _, path := range left {
		number, err := strconv.ParseUint(strings.TrimPrefix(filepath.Base(path), discardedPrefix), 10, 64)
		switch {
		case err != nil: // not the lab's
		case number > l.identity.Discarded:
			_ = os.Rename(path, l.dirs.path) // fails if there is a newer one
		default:
			l.discarding.Go(func() { _ = os.RemoveAll(path) })
		}
	}
}
