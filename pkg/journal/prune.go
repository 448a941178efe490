package journal

import (
	"errors"
	"os"
	"strings"
	"sync"
	"time"
)

// Prune removes the runs that have not been written to since a time, except those in use, and returns their ids, newest first.
func (d Dir) Prune(before time.Time) (removed []string, err error) {
	names, err := d.names()
	if err != nil {
		return nil, err
	}
	stopped := map[string]bool{} // the runs with a stop request, by the names of these
	for _, name := range names {
		if strings.HasSuffix(name, stopRequest("")) {
			stopped[name] = true
		}
	}
	ids := idsIn(names)
	var mu sync.Mutex
	inParallel(len(ids), func(i int) bool {
		id := ids[i]
		info, statErr := os.Stat(d.file(id))
		if statErr != nil || !info.ModTime().Before(before) {
			return true
		}
		removeErr := d.remove(id, stopped[stopRequest(id+ending)])
		_, busy := errors.AsType[*InUseError](removeErr)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case removeErr == nil:
			removed = append(removed, id)
		case !busy && err == nil:
			err = removeErr
		}
		return err == nil
	})
	sortNewestFirst(removed)
	return removed, err
}
