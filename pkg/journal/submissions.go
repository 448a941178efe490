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

// Taken reports whether a run other than the given one has an invocation, according to the journals in the directory. It
// ignores journals that cannot be read.
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

// submittedIn reports whether a journal has the submission of an invocation.
func submittedIn(path, invokeID string) bool {
	for event := range submissions(path, invokeID) {
		if event.InvokeId == invokeID {
			return true
		}
	}
	return false
}

// SubmittedBy returns the run that submitted an invocation, and its site, according to the journals in the directory.
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

// RecentInvocations returns what the latest runs have submitted in a region, the latest run first. It ignores journals that
// cannot be read.
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

// submissions returns the submission events of a journal's file that contain a word.
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
				return // ignore an incomplete line
			}
			var event fleet.Event
			if bytes.HasPrefix(text, prefix) && bytes.Contains(text, []byte(word)) && json.Unmarshal(text, &event, lineOptions) == nil && !yield(event) {
				return
			}
		}
	}
}
