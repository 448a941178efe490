package cmd

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/journal"
)

func newRunsRmCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rm [flags] RUN...",
		Short: "Forget runs",
		Long: `Remove the journals of runs, which can then be neither shown nor gone on with. What they sent is not touched. Without
RUN, --keep-days says which: those that nothing has happened to for so many days. Every new run does that, too.`,
		Example: `  muster runs rm 20270606t131530217-8c1f03ab
  muster runs rm --keep-days 7`,
		RunE: func(_ *cobra.Command, args []string) error { return removeRuns(a, args) },
	}
}

func removeRuns(a *app, texts []string) error {
	dir, err := a.runsDir()
	if err != nil {
		return err
	}
	if len(texts) == 0 {
		if !a.flags.Changed("keep-days") || a.config.KeepDays == 0 {
			return usagef("no run: give one id or more, or --keep-days N for all that are older")
		}
		removed, err := dir.Prune(time.Now().AddDate(0, 0, -a.config.KeepDays))
		a.note("%d runs removed", removed)
		return err
	}
	var ids []string
	for _, text := range texts {
		id, err := dir.Find(text)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		err := dir.Remove(id)
		if _, busy := errors.AsType[*journal.InUseError](err); busy {
			return err
		}
		if err != nil {
			return fmt.Errorf("run %s: %w", id, err)
		}
	}
	return nil
}
