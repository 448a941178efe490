package journal

import (
	"bufio"
	"bytes"
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
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	prefix, word := []byte(`{"Event":"`+string(fleet.Submitted)+`"`), []byte(invokeID)
	for lines := bufio.NewReaderSize(file, 1<<16); ; {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return false // what is behind the last newline has not happened
		}
		var event fleet.Event
		if bytes.HasPrefix(text, prefix) && bytes.Contains(text, word) && json.Unmarshal(text, &event, form) == nil && event.InvokeId == invokeID {
			return true
		}
	}
}
