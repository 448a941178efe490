package cmd

import (
	"fmt"
	"io"
	"iter"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// Changes of a saved command.
const (
	doneCreated = "created"
	doneChanged = "changed"
	doneDeleted = "deleted"
)

// doneDocument is a change that was made.
type doneDocument struct {
	Done      string
	CommandId string
	Warnings  []fleet.Warning `json:",omitempty"` // about the script of a created command
}

// Records returns the document.
func (d *doneDocument) Records() iter.Seq2[any, error] { return render.Records([]*doneDocument{d}) }

// Record returns an empty document.
func (d *doneDocument) Record() any { return doneDocument{} }

// WriteTable writes one line.
func (d *doneDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintln(w, d.Done, term.Sanitize(d.CommandId))
	return err
}
