package journal

import (
	"bufio"
	"bytes"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"

	"muster/pkg/fleet"
)

// Taken reports whether a run other than one has an invocation, by the journals here. Journals that cannot be read have none.
func (d Dir) Taken(runID, invokeID string) bool {
	files, err := filepath.Glob(filepath.Join(d.Path, "*"+ending))
	if err != nil {
		return false
	}
	for _, path := range files {
		if strings.TrimSuffix(filepath.Base(path), ending) != runID && submittedIn(path, invokeID) {
			return true
		}
	}
	return false
}

// submittedIn reports whether a journal tells that an invocation was submitted.
func submittedIn(path, invokeID string) bool {
	for event := range submissions(path, invokeID) {
		if event.InvokeId == invokeID {
			return true
		}
	}
	return false
}

// SubmittedBy returns the run that submitted an invocation, and the site where it did, by the journals here.
func (d Dir) SubmittedBy(invokeID string) (runID string, site fleet.Site, ok bool) {
	ids, err := d.ids()
	if err != nil {
		return "", fleet.Site{}, false
	}
	for _, id := range ids {
		for event := range submissions(d.file(id), invokeID) {
			if event.InvokeId == invokeID {
				return id, event.Site, true
			}
		}
	}
	return "", fleet.Site{}, false
}

// RecentInvocations returns what the latest runs have submitted in a region, the latest run's first. Journals that cannot be
// read have nothing.
func (d Dir) RecentInvocations(runs int, region string) []string {
	ids, err := d.ids()
	if err != nil {
		return nil
	}
	var recent []string
	for _, id := range ids[:min(len(ids), runs)] {
		for event := range submissions(d.file(id), "") {
			if event.RegionId == region {
				recent = append(recent, event.InvokeId)
			}
		}
	}
	return recent
}

// submissions iterates over the events of a journal's file that tell of a submission and have a word in their text.
func submissions(path, word string) iter.Seq[fleet.Event] {
	return func(yield func(fleet.Event) bool) {
		file, err := os.Open(path)
		if err != nil {
			return
		}
		defer func() { _ = file.Close() }()
		prefix := []byte(`{"Event":"` + string(fleet.Submitted) + `"`)
		for lines := bufio.NewReaderSize(file, 1<<16); ; {
			text, err := lines.ReadBytes('\n')
			if err != nil {
				return // what is behind the last newline has not happened
			}
			var event fleet.Event
			if bytes.HasPrefix(text, prefix) && bytes.Contains(text, []byte(word)) && json.Unmarshal(text, &event, form) == nil && !yield(event) {
				return
			}
		}
	}
}
