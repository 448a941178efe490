package cmd

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/journal"
	"muster/pkg/render"
)

func newRunsRmCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "rm [flags] RUN...",
		Aliases: []string{"delete", "remove"},
		Short:   "Remove the journals of runs",
		Long: `Remove the journals of runs, which can then no longer be shown or resumed. What they sent is not affected.
A detached run is not removed until muster runs wait has seen it finish.

Without RUN, remove the runs in which nothing has happened for --keep-days days. Every new run does that, too.`,
		Example: `  muster runs rm 20270606t131530217-8c1f03ab
  muster runs rm --keep-days 7`,
		RunE: func(_ *cobra.Command, args []string) error { return removeRuns(a, args) },
	}
}

func removeRuns(a *app, texts []string) error {
	dir, err := runsDir()
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		if !a.flags.Changed("keep-days") || a.config.KeepDays == 0 {
			return usagef("no run: give one id or more, or --keep-days N for all that are older")
		}
		removed, err := dir.Prune(time.Now().AddDate(0, 0, -a.config.KeepDays))
		return errors.Join(err, a.print(&removedDocument{Removed: append([]string{}, removed...)}))
	}
	var ids []string
	find := dir.Find
	if len(texts) > 1 {
		all, err := dir.Ids()
		if err != nil {
			return err
		}
		find = all.Find
	}
	for _, text := range texts {
		id, err := find(text)
		if err != nil {
			return err
		}
		if err := refuseLeftRunning(dir, id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	document := &removedDocument{Removed: []string{}}
	for _, id := range ids {
		if err = removeRun(dir, id); err != nil {
			break
		}
		document.Removed = append(document.Removed, id)
	}
	return errors.Join(err, a.print(document))
}

// refuseLeftRunning refuses a run that --detach left running: without its journal nothing would find it again. A journal that cannot
// be read may be removed.
func refuseLeftRunning(dir journal.Dir, id string) error {
	if header, err := dir.Header(id); err == nil && !header.Detached {
		return nil
	}
	record, _ := dir.Read(id)
	if record == nil {
		return nil
	}
	left := record.Detached && !record.Deferred && !record.Throwaway && len(record.State.Invocations) > 0 && !record.State.Concluded()
	if err := record.Close(); err != nil {
		return fmt.Errorf("read run %s: %w", id, err)
	}
	if left {
		return usagef("run %s was detached and may be running: muster runs wait %[1]s waits for it, and muster runs stop %[1]s stops it", id)
	}
	return nil
}

func removeRun(dir journal.Dir, id string) error {
	err := dir.Remove(id)
	if _, busy := errors.AsType[*journal.InUseError](err); busy || err == nil {
		return err
	}
	return fmt.Errorf("run %s: %w", id, err)
}

// removedDocument reports which journals were removed.
type removedDocument struct{ Removed []string }

// removedRecord reports one removed run.
type removedRecord struct{ RunId string }

// Records returns the ids of the runs.
func (d *removedDocument) Records() iter.Seq2[any, error] {
	var all []removedRecord
	for _, id := range d.Removed {
		all = append(all, removedRecord{id})
	}
	return render.Records(all)
}

// Record returns an empty record.
func (d *removedDocument) Record() any { return removedRecord{} }

// WriteTable writes a line for each run.
func (d *removedDocument) WriteTable(w io.Writer, _ render.Style) error {
	return writeEach(w, "removed", d.Removed)
}
