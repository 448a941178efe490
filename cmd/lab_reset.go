package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
)

func newLabResetCommand(a *app) *cobra.Command {
	choice, keep := new(labChoice), false
	cmd := &cobra.Command{
		Use:   "reset [flags]",
		Short: "Reset the running lab to its state at its start",
		Long: `Reset the running lab, for example before each test. Running scripts are killed. Invocations, schedules, saved
commands, sent files, client tokens, the log, and the counts of calls and faults are dropped. The faults are those that the lab was
started with, and their numbers of times count anew. The instances return to the state in which they were added, and their files
are removed.

Keys, address and data directory stay. Ids of invocations are never used again. If several labs are running, the last one started
is reset, or the one that --data chooses.`,
		Example: `  muster lab reset
  muster lab reset --keep-instances
  muster lab reset -o json --jq .Scripts`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return resetLab(cmd.Context(), a, choice, keep) },
	}
	choice.add(cmd.Flags())
	cmd.Flags().BoolVar(&keep, "keep-instances", false, "leave the instances as they are, with their files")
	return cmd
}

func resetLab(ctx context.Context, a *app, choice *labChoice, keepInstances bool) error {
	return a.useRunningLab(ctx, choice, func(s *session) error {
		answer := new(lab.ResetResponse)
		if err := s.caller.Call(ctx, &lab.ResetRequest{KeepInstances: keepInstances}, answer); err != nil {
			return err
		}
		return a.print(&labResetDocument{answer.Scripts, answer.Invocations, answer.Commands, answer.Files})
	})
}

// labResetDocument has the numbers of what a reset has ended or removed.
type labResetDocument struct{ Scripts, Invocations, Commands, Files int64 }

// Records returns the document.
func (d *labResetDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*labResetDocument{d})
}

// Record returns an empty document.
func (d *labResetDocument) Record() any { return labResetDocument{} }

// WriteTable writes one line.
func (d *labResetDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, "reset the lab: ended %s; removed %s, %s and %s\n", plural(int(d.Scripts), "running script"),
		plural(int(d.Invocations), "invocation"), plural(int(d.Commands), "saved command"), plural(int(d.Files), "sent file"))
	return err
}
