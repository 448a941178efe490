package cmd

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"muster/pkg/render"
)

const doneDisabled = "disabled"

// activationsDocument reports which activations were disabled or deleted.
type activationsDocument struct {
	Done          string
	ActivationIds []string
}

// activationRecord reports one of them.
type activationRecord struct{ Done, ActivationId string }

// changeActivations changes activations one after another, until one is refused, and prints those that it has changed.
func changeActivations(a *app, done string, ids []string, change func(id string) error) error {
	document := &activationsDocument{Done: done, ActivationIds: []string{}}
	for _, id := range ids {
		if err := change(id); err != nil {
			err = fmt.Errorf("activation %s: %w", id, err)
			if len(document.ActivationIds) == 0 {
				return err
			}
			return errors.Join(a.print(document), err)
		}
		document.ActivationIds = append(document.ActivationIds, id)
	}
	return a.print(document)
}

// Records returns a record for each activation.
func (d *activationsDocument) Records() iter.Seq2[any, error] {
	var all []activationRecord
	for _, id := range d.ActivationIds {
		all = append(all, activationRecord{d.Done, id})
	}
	return render.Records(all)
}

// Record returns an empty record.
func (d *activationsDocument) Record() any { return activationRecord{} }

// WriteTable writes a line for each activation.
func (d *activationsDocument) WriteTable(w io.Writer, _ render.Style) error {
	return writeEach(w, d.Done, d.ActivationIds)
}
