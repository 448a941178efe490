package render

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/assist"
	"muster/pkg/term"
)

// Runs is a list of runs, newest first.
type Runs struct {
	Runs []RunSummary
}

// RunSummary is a run in a list.
type RunSummary struct {
	RunId      string
	Action     string
	RegionId   string
	Profile    string `json:",omitempty"`
	Script     string // its first line
	StartTime  time.Time
	FinishTime time.Time `json:",omitzero"`
	Status     string
	Total      int
	Counts     Counts `json:",omitempty"` // nil while unknown
}

// The states of a run that has not finished. A finished run has its targets' aggregate state.
const (
	RunSubmitted   = "Submitted"  // it was not waited for
	RunUnreadable  = "Unreadable" // its journal is damaged
	RunRunning     = "Running"
	RunUnfinished  = "Unfinished" // the process that waited for it ended without an event
	RunInterrupted = "Interrupted"
)

// scriptColumns is the shown width of a script's line.
const scriptColumns = 80

// NewRuns returns the document of a list in any order. A Script may be a whole one, of which only the first line is kept.
func NewRuns(list []RunSummary) *Runs {
	document := &Runs{Runs: slices.Clone(list)}
	if document.Runs == nil {
		document.Runs = []RunSummary{}
	}
	slices.SortStableFunc(document.Runs, func(a, b RunSummary) int {
		return cmp.Or(b.StartTime.Compare(a.StartTime), cmp.Compare(b.RunId, a.RunId))
	})
	for i := range document.Runs {
		r := &document.Runs[i]
		r.Script = firstLine(r.Script)
		r.StartTime, r.FinishTime = r.StartTime.Truncate(time.Second), r.FinishTime.Truncate(time.Second)
	}
	return document
}

// firstLine returns the first line with content, other than #!/bin/sh.
func firstLine(script string) string {
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#!") {
			return displaywidth.TruncateString(line, scriptColumns, "…")
		}
	}
	return ""
}

// Records returns the runs.
func (d *Runs) Records() iter.Seq2[any, error] { return Records(d.Runs) }

// Record returns a run without values.
func (d *Runs) Record() any { return RunSummary{} }

// WriteTable writes a row for each run. On a narrow terminal it writes ages instead of times, and omits the number of targets,
// which is in the result.
func (d *Runs) WriteTable(w io.Writer, style Style) error {
	header := []string{"RUN", "STARTED", "STATUS", "TARGETS", "RESULT", "SCRIPT"}
	const started, targets = 1, 3
	narrow := style.Width > 0 && style.Width < ageBelow && !style.wide
	if narrow {
		header[started] = "AGE"
		header = slices.Delete(header, targets, targets+1)
	}
	rows := make([][]string, 0, len(d.Runs))
	for _, r := range d.Runs {
		result := "-"
		if len(r.Counts) > 0 {
			result = cmp.Or(results(Style{}, r.Counts), "-")
		}
		row := []string{
			cell(r.RunId), style.formatTime(r.StartTime), runStatus(style, r.Status), strconv.Itoa(r.Total), result,
			displaywidth.TruncateString(cell(r.Script), scriptColumns, "…"),
		}
		if narrow {
			row[started] = age(r.StartTime)
			row = slices.Delete(row, targets, targets+1)
		}
		rows = append(rows, row)
	}
	return writeTable(w, style, narrowing{cut: []string{"SCRIPT", "RESULT"}}, header, slices.Values(rows))
}

func runStatus(style Style, status string) string {
	switch status {
	case RunUnfinished, RunInterrupted:
		return style.Paint.Warn(status)
	}
	return paintStatus(style, assist.Status(term.Sanitize(status)))
}
