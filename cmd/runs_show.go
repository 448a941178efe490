package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"muster/pkg/render"
)

func newRunsShowCommand(a *app) *cobra.Command {
	files := new(outputFlags)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "show [flags] RUN",
		Aliases:     []string{"get"},
		Short:       "Print a run from its journal",
		Long: `Print a run as muster run reports it, from its journal and without a call. RUN is an id, a unique beginning or end of one,
last, or last~1 for the one before.`,
		Example: `  muster runs show last
  muster runs show 20270606t131530217-8c1f03ab -o json | jq '.Counts'`,
		Args: oneRun,
		RunE: func(_ *cobra.Command, args []string) error { return showRun(a, args[0], files) },
	}
	files.add(cmd.Flags())
	return cmd
}

func showRun(a *app, text string, files *outputFlags) (err error) {
	if err := files.prepare(a); err != nil {
		return err
	}
	record, err := a.readRun(text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	if a.config.Output == string(render.Table) {
		a.warn(record.State.Warnings)
	}
	report := render.NewRun(record.State, record, nil)
	return a.printRun(files, record.State, record, report, false)
}
