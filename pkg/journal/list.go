package journal

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"muster/pkg/fleet"
)

// Summary is the entry of a run in a list.
type Summary struct {
	Header
	Running bool  // a process is writing it, and it has no end
	Err     error // why it cannot be read; the header then has only its id

	end   []byte       // the last line, if it is the end of a run
	event *fleet.Event // of that line, if it has been parsed
}

// End returns the event with which the run settled or was interrupted, or nil if it was cut off, or is running.
func (s *Summary) End() *fleet.Event {
	if s.event != nil || s.end == nil {
		return s.event
	}
	return parseEnd(s.end)
}

// List returns the runs, newest first.
func (d Dir) List() ([]Summary, error) { return d.list(fewRead) }

// fewRead is the largest number of journals that a list reads without storing what it has read in the index.
const fewRead = 50

// list is List with the number of journals that may be read before the index is written.
func (d Dir) list(few int) ([]Summary, error) {
	ids, err := d.ids()
	if err != nil {
		return nil, err
	}
	index := d.readIndex()
	runs, entries := make([]Summary, len(ids)), make([]indexEntry, len(ids))
	var lines lineReader
	var read atomic.Int64
	inParallel(len(ids), func(i int) bool {
		id := ids[i]
		info, err := os.Stat(d.file(id))
		if entry, ok := index[id]; ok && err == nil && entry.matches(info) {
			if runs[i], err = entry.summary(); err == nil {
				entries[i] = entry
				return true
			}
		}
		var header []byte
		runs[i], header = d.readSummary(id, &lines)
		if err == nil && runs[i].end != nil && mayIndex(info) {
			entries[i] = indexEntry{id: id, size: info.Size(), modified: info.ModTime().UnixNano(), header: header, end: runs[i].end}
			read.Add(1)
		}
		return true
	})
	if gone := len(index) - len(ids); int(read.Load()) > few || gone > len(ids)+few {
		d.writeIndex(entries)
	}
	slices.SortStableFunc(runs, func(a, b Summary) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.RunId, a.RunId)) })
	return runs, nil
}

// readSummary reads the entry of a run from its journal, and returns the first line of that.
func (d Dir) readSummary(id string, lines *lineReader) (s Summary, header []byte) {
	s = Summary{Header: Header{RunId: id}}
	file, err := os.Open(d.file(id))
	if err != nil {
		s.Err = err
		return s, nil
	}
	defer func() { _ = file.Close() }()
	first, last, err := lines.outerLines(file)
	if err != nil {
		s.Err = err
		return s, nil
	}
	read, err := parseHeader(first, id)
	if err != nil {
		s.Err = err
		return s, nil
	}
	s = Summary{Header: read}
	if s.event = parseEnd(last); s.event != nil {
		s.end = last
	} else {
		s.Running = d.inUse(id)
	}
	return s, first
}

// Header reads only the header of a run. The rest of the journal may be damaged.
func (d Dir) Header(id string) (Header, error) {
	file, err := os.Open(d.file(id))
	if err != nil {
		return Header{}, fmt.Errorf("open the journal: %w", err)
	}
	defer func() { _ = file.Close() }()
	first, _, err := new(lineReader).outerLines(file)
	if err != nil {
		return Header{}, err
	}
	return parseHeader(first, id)
}

// ids returns the ids of all runs, newest first.
func (d Dir) ids() ([]string, error) {
	ids, err := d.Ids()
	sortNewestFirst(ids)
	return ids, err
}

// Ids returns the ids of all runs.
func (d Dir) Ids() (Ids, error) {
	names, err := d.names()
	return idsIn(names), err
}

// idsIn returns the run ids of the journals among names of files, which it overwrites.
func idsIn(names []string) []string {
	ids := names[:0]
	for _, name := range names {
		if id, ok := strings.CutSuffix(name, ending); ok && isRunID(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// names returns the names of all files.
func (d Dir) names() ([]string, error) {
	dir, err := os.Open(d.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	names, err := dir.Readdirnames(-1)
	if err := errors.Join(err, dir.Close()); err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	return names, nil
}

// isRunID reports whether a text has the form of a run id, which is also a file name.
func isRunID(text string) bool {
	if len(text) < 1 || len(text) > 64 || text[0] == '_' || text[0] == '-' {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}
