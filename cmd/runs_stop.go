package cmd

import (
	"github.com/spf13/cobra"
)

func newRunsStopCommand(a *app) *cobra.Command {
	o := new(selectorFlags)
	cmd := &cobra.Command{
		Use:   "stop [flags] RUN",
		Short: "Stop everything that a run has submitted",
		Long: `Stop a run in all of its regions and profiles: what is pending is cancelled, and what is running is
terminated by its instance. With flags that choose instances, stop it only on those. The service answers before that has
happened: use muster runs wait to wait for it.

A muster process that is working on the run is asked to send nothing more. RUN is an id, a unique beginning or end of one, last,
or last~1 for the one before.`,
		Example: `  muster runs stop last
  muster runs stop last -i 'web-[001-010]'`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			if isInvocation(args[0]) {
				return usagef("%s is an invocation: muster stop %[1]s stops it", args[0])
			}
			return runStop(cmd.Context(), a, args, o)
		},
	}
	o.addTerms(cmd.Flags())
	o.addConditions(cmd.Flags())
	return cmd
}
