package render

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"muster/pkg/fleet"
)

// Remainder is the work left in an interrupted run, as four lists of instance ids.
type Remainder struct {
	Done    []string // ended in any way
	Running []string // sent, and not ended when the wait ended
	InDoubt []string // the answer to the call was lost, so that it may have been sent or not
	Unsent  []string
	Command string `json:",omitempty"` // the command that continues the run; empty if nothing is left

	state *fleet.State
}

// NewRemainder returns the document of a state.
func NewRemainder(s *fleet.State) *Remainder {
	d := &Remainder{Done: []string{}, Running: []string{}, InDoubt: []string{}, Unsent: []string{}, state: s}
	for i := range s.Targets {
		t := &s.Targets[i]
		list := d.list(t)
		*list = append(*list, t.InstanceId)
	}
	return d
}

func (d *Remainder) list(t *fleet.TargetState) *[]string {
	switch t.Cause {
	case "", fleet.CauseUnknown:
		if t.InvokeId == "" {
			return &d.InDoubt
		}
		return &d.Running
	case fleet.CauseUnsent:
		return &d.Unsent
	}
	return &d.Done
}

// Records returns the document itself.
func (d *Remainder) Records() iter.Seq2[any, error] { return Records([]*Remainder{d}) }

// Record returns a document without values.
func (d *Remainder) Record() any { return Remainder{} }

// WriteTable writes a line for each list, with as many of the names as fit.
func (d *Remainder) WriteTable(w io.Writer, style Style) error {
	var b strings.Builder
	for _, line := range []struct {
		title string
		list  *[]string
	}{{"done", &d.Done}, {"still running", &d.Running}, {"in doubt", &d.InDoubt}, {"never sent", &d.Unsent}} {
		if line.list == &d.InDoubt && len(d.InDoubt) == 0 {
			continue
		}
		title := fmt.Sprintf("%s: %d", line.title, len(*line.list))
		if len(*line.list) > 0 {
			title += ": "
		}
		b.WriteString(title + foldInto(d.names(line.list), style.room(title)) + "\n")
	}
	if d.Command != "" {
		b.WriteString("come back with: " + d.Command + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Remainder) names(list *[]string) []string {
	names := make([]string, 0, len(*list))
	for i := range d.state.Targets {
		if t := &d.state.Targets[i]; d.list(t) == list {
			names = append(names, d.state.NameOf(t))
		}
	}
	return names
}
