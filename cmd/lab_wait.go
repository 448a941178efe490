package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/duration"
	"muster/pkg/lab"
	"muster/pkg/sleep"
)

// defaultLabWait is the default of --timeout.
const defaultLabWait = 30 * time.Second

func newLabWaitCommand(a *app) *cobra.Command {
	choice, timeout := new(labChoice), defaultLabWait
	cmd := &cobra.Command{
		Use:   "wait [flags]",
		Short: "Wait until a lab answers calls",
		Long: `Wait until a lab answers calls, and print what muster lab status prints. If there is none in time, the exit code is 1.
muster lab --detach waits by itself.`,
		Example: `  muster lab wait
  muster lab wait --timeout 10s -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return waitForLab(cmd.Context(), a, choice, timeout) },
	}
	choice.add(cmd.Flags())
	cmd.Flags().Var(nonNegativeDuration(&timeout), "timeout", "wait at most this long")
	return cmd
}

func waitForLab(ctx context.Context, a *app, choice *labChoice, timeout time.Duration) error {
	if a.lab.size > 0 {
		return usagef("this command waits for the lab that muster lab runs, and --lab starts one that ends with the command")
	}
	path, err := labConnectionPath()
	if err != nil {
		return usagef("no lab can be found: %w", err)
	}
	errLate := fmt.Errorf("no lab answers after %s", duration.Format(timeout))
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errLate)
	defer cancel()
	for {
		if there, err := lab.ReadConnections(path); err == nil {
			for _, connection := range there {
				if !choice.matches(connection) {
					continue
				}
				if health, err := connection.Health(ctx); err == nil {
					return a.print(&labStatusDocument{Labs: []runningLab{newRunningLab(connection, health)}})
				}
			}
		}
		err := sleep.For(ctx, labPollInterval)
		switch {
		case errors.Is(err, errLate):
			return errLate
		case err != nil:
			return err
		}
	}
}
