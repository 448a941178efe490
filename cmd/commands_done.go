package cmd

import (
	"fmt"
	"io"
	"iter"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// What is done to a saved command.
const (
	doneCreated = "created"
	doneChanged = "changed"
	doneDeleted = "deleted"
)

// doneDocument is one change that was made.
type doneDocument struct {
	Done      string
	CommandId string
	Warnings  []fleet.Warning `json:",omitempty"` // about the script of one that was created
}

// Records is the one document.
func (d *doneDocument) Records() iter.Seq2[any, error] { return render.Records([]*doneDocument{d}) }

// Record returns a document without values.
func (d *doneDocument) Record() any { return doneDocument{} }

// WriteTable writes one line.
func (d *doneDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintln(w, d.Done, term.Sanitize(d.CommandId))
	return err
}
