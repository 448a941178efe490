package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/journal"
)

// resumeOptions are the flags of `muster runs resume` and `muster runs wait`.
type resumeOptions struct {
	wait         waitFlags
	rollout      rolloutFlags
	secretParams []string
}

func newRunsResumeCommand(a *app) *cobra.Command {
	o := &resumeOptions{rollout: rolloutFlags{resumes: true}}
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "resume [flags] RUN",
		Short:       "Resume a run that was interrupted",
		Long: `Resume a run after an interrupt, a crash, a lost network or a reboot, in the same region and with the same
credentials: find what was sent, wait for what is unknown, and send what was never sent. Nothing runs twice. A run that has
finished is reported once more.

A run that --max-failures stopped continues with a higher --max-failures. Secret parameters are not in the journal: they are
asked for again, unless --secret-param gives them.`,
		Example: `  muster runs resume last
  muster runs resume 20270606t131530217-8c1f03ab --max-failures 20%`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return resumeRun(cmd.Context(), a, o, args[0]) },
	}
	flags := cmd.Flags()
	groupRollout.add(flags, func(flags *pflag.FlagSet) {
		o.rollout.addGate(flags)
		flags.StringVar(&o.rollout.fanout, "fanout", "", "send the rest to at most `N` (or N%) instances at a time")
		flags.StringVar(&o.rollout.maxFailures, "max-failures", "", "stop once more than `N` (or N%) have failed, instead of the limit that the run began with")
		flags.BoolVarP(&o.rollout.yes, "yes", "y", false, "send the remaining waves without asking, in a run with --confirm")
	})
	o.addWaiting(flags)
	return cmd
}

// addWaiting adds the flags of a wait for an earlier run.
func (o *resumeOptions) addWaiting(flags *pflag.FlagSet) {
	addSecretParams(flags, &o.secretParams)
	o.rollout.addInterrupt(flags)
	o.rollout.files.addAll(flags)
	o.wait.add(flags)
}

func resumeRun(ctx context.Context, a *app, o *resumeOptions, text string) (err error) {
	rules, err := o.rollout.read(a.runner)
	if err != nil {
		return err
	}
	dir, id, err := a.runs.find(text)
	if err != nil {
		return err
	}
	j, record, err := dir.Open(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if err := o.rollout.files.follows(record); err != nil {
		return err
	}
	if stopped := record.State; stopped.Gate == fleet.GateMaxFailures && rules.maxFailures == nil && stopped.Concluded() {
		a.note("run %s was stopped by --max-failures %s: give a higher limit to continue", record.RunId, record.Plan.MaxFailures)
		return a.conclude(waitedRun{journal: j, kept: true, advised: true, files: rules.files}, waitResult{state: stopped})
	}
	plan, err := o.plan(ctx, a.reader, record, rules)
	if err != nil {
		return err
	}
	all, err := a.reconnect(ctx, record.Header)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		ctx, cancel := o.wait.context(ctx) // a timeout is reported from here on; before, there is nothing to report
		defer cancel()
		w := waitedRun{sites: all, runID: record.RunId, journal: j, kept: true, stop: rules.stop, files: rules.files, plan: plan}
		if !record.State.Unsettled() && record.State.Concluded() && record.State.Gate != fleet.GateCommand {
			return a.conclude(w, waitResult{state: record.State})
		}
		if record.Deferred {
			return a.resubmit(ctx, w, plan, record)
		}
		w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
			return engine.Resume(ctx, plan, record.State)
		}
		return a.await(ctx, w)
	})
}

// plan returns the run's plan with secret parameters and with the changes that the flags make.
func (o *resumeOptions) plan(ctx context.Context, rd *reader, record *journal.Record, rules rollout) (fleet.Plan, error) {
	plan := record.Plan
	if err := checkResumable(record); err != nil {
		return plan, err
	}
	if plan.Confirm && !o.rollout.yes && rd.keyboard() == nil {
		return plan, usagef("run %s asks before each wave, and %s: give --yes to continue without asking", record.RunId, noTerminal)
	}
	if rules.maxFailures != nil {
		plan.MaxFailures = rules.maxFailures
	}
	if rules.gate != "" {
		plan.Gate, plan.GateTimeout = rules.gate, rules.gateTimeout
	}
	if rules.gateTimeout != defaultGateTimeout {
		if plan.Gate == "" {
			return plan, usagef("--gate-timeout is for a gate command, and run %s has none: name one with --gate", record.RunId)
		}
		plan.GateTimeout = rules.gateTimeout
	}
	if rules.fanout != nil {
		plan.Fanout = rules.fanout.Of(len(record.State.Targets) - len(plan.Skipped))
	}
	plan.Confirm = plan.Confirm && !o.rollout.yes
	var err error
	plan.Command, err = rd.withSecrets(ctx, plan.Command, record.Secrets, o.secretParams)
	return plan, err
}

// checkResumable refuses a run that cannot be continued.
func checkResumable(record *journal.Record) error {
	switch {
	case record.Throwaway:
		return usagef("run %s was sent to a lab that ended with it: there is nothing to continue", record.RunId)
	case record.State.RunId == "":
		return fmt.Errorf("run %s was interrupted before it began: nothing was sent; run it again", record.RunId)
	}
	return nil
}
