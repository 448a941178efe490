package journal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"muster/pkg/fleet"
)

// Summary is the entry of a run in a list.
type Summary struct {
	Header
	Running bool
	End     *fleet.Event // the event with which the run settled or was interrupted; nil if it was cut off, or is running
	Err     error        // why it cannot be read; the header then has only its id
}

// List returns the runs, newest first.
func (d Dir) List() ([]Summary, error) {
	ids, err := d.ids()
	if err != nil {
		return nil, err
	}
	runs := make([]Summary, 0, len(ids))
	for _, id := range ids {
		runs = append(runs, d.summary(id))
	}
	slices.SortStableFunc(runs, func(a, b Summary) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.RunId, a.RunId)) })
	return runs, nil
}

func (d Dir) summary(id string) Summary {
	s := Summary{Header: Header{RunId: id}}
	file, err := os.Open(d.file(id))
	if err != nil {
		s.Err = err
		return s
	}
	defer func() { _ = file.Close() }()
	header, end, err := readHeader(file, id)
	if err != nil {
		s.Err = err
		return s
	}
	return Summary{Header: header, Running: d.inUse(id), End: end}
}

// ids returns the ids of all runs, newest first. They begin with the time.
func (d Dir) ids() ([]string, error) {
	entries, err := os.ReadDir(d.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		if id, ok := strings.CutSuffix(entry.Name(), ending); ok && runID().MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(b, a) })
	return ids, nil
}
