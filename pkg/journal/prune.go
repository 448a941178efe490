package journal

import (
	"errors"
	"os"
	"strings"
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
	sortNewestFirst(ids)
	done, errs := make([]bool, len(ids)), make([]error, len(ids))
	inParallel(len(ids), func(i int) bool {
		id := ids[i]
		if info, err := os.Stat(d.file(id)); err != nil || !info.ModTime().Before(before) {
			return true
		}
		err := d.remove(id, stopped[stopRequest(id+ending)])
		if _, busy := errors.AsType[*InUseError](err); !busy {
			done[i], errs[i] = err == nil, err
		}
		return errs[i] == nil
	})
	for i, id := range ids {
		if done[i] {
			removed = append(removed, id)
		}
	}
	return removed, errors.Join(errs...)
}
