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
	for _, id := range ids {
		info, err := os.Stat(d.file(id))
		if err != nil || !info.ModTime().Before(before) {
			continue
		}
		if err := d.remove(id, stopped[stopRequest(id+ending)]); err == nil {
			removed = append(removed, id)
		} else if _, busy := errors.AsType[*InUseError](err); !busy {
			return removed, err
		}
	}
	return removed, nil
}
