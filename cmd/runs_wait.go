package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"muster/pkg/fleet"
)

func newRunsWaitCommand(a *app) *cobra.Command {
	o := new(resumeOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "wait [flags] RUN",
		Short:       "Wait for a run, and report how it ended",
		Long: `Wait until everything that a run has submitted has finished, and report it like muster run, with the same
exit code. Nothing is submitted: muster runs resume sends what was never sent. While another muster process is working on the
run, wait for that process first.

RUN is an id, a unique beginning or end of one, last, or last~1 for the one before.`,
		Example: `  muster runs wait last
  muster runs wait last --wait-timeout 10m -o json | jq .Counts`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return waitForRun(cmd.Context(), a, o, args[0]) },
	}
	o.addWaiting(cmd.Flags())
	return cmd
}

func waitForRun(ctx context.Context, a *app, o *resumeOptions, text string) (err error) {
	rules, err := o.rollout.read(a.runner)
	if err != nil {
		return err
	}
	dir, id, err := a.runs.find(text)
	if err != nil {
		return err
	}
	ctx, cancel := o.wait.context(ctx)
	defer cancel()
	j, record, err := a.runs.openWhenFree(ctx, dir, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if err := o.rollout.files.follows(record); err != nil {
		return err
	}
	if record.Deferred {
		return usagef("run %s continues on its own, and there is no end to wait for: muster watch %[1]s shows it, and muster runs stop %[1]s stops it", record.RunId)
	}
	if record.State.Concluded() {
		return a.conclude(waitedRun{journal: j, kept: true, files: rules.files}, waitResult{state: record.State})
	}
	if err := checkResumable(record); err != nil {
		return err
	}
	plan := record.Plan
	if plan.Command, err = a.withSecrets(ctx, plan.Command, record.Secrets, o.secretParams); err != nil {
		return err
	}
	all, err := a.reconnect(ctx, record.Header)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		w := waitedRun{sites: all, plan: plan, runID: record.RunId, journal: j, kept: true, stop: rules.stop, files: rules.files}
		w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
			return engine.Await(ctx, plan, record.State)
		}
		return a.await(ctx, w)
	})
}
