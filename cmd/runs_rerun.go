package cmd

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/target"
)

// rerunOptions are the flags of `muster runs rerun`.
type rerunOptions struct {
	targets      selectorFlags
	only         listFlag
	onIneligible string
	wait         waitFlags
	rollout      rolloutFlags
	secretParams []string
}

func newRunsRerunCommand(a *app) *cobra.Command {
	o := new(rerunOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "rerun [flags] RUN",
		Short:       "Rerun the targets that failed, or others by their outcome",
		Long: `Start a new run of the same script for the targets of a run that did not succeed, or for those that --only
and the flags that choose instances select. Targets with an unknown outcome are left out unless you ask for them: they may still
be running, and muster runs resume finds out.`,
		Example: `  muster runs rerun last
  muster runs rerun last --only exit,timeout,undelivered
  muster runs rerun last -i 'web-[001-020]' --exclude web-007
  muster runs rerun 20270606t131530217-8c1f03ab --only unsent --waves 10%`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return rerunRun(cmd.Context(), a, o, args[0]) },
	}
	flags := cmd.Flags()
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(&o.only, "only", "`CAUSES`: choose targets that ended by one of these causes: "+joinOr(causeNames()))
	})
	o.targets.addTerms(flags)
	o.targets.addConditions(flags)
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&o.onIneligible, "on-ineligible", "skip", "`ACTION`: if instances cannot run it now, skip them, or fail and send nothing")
	})
	addSecretParams(flags, &o.secretParams)
	o.rollout.addAll(flags)
	o.wait.add(flags)
	return cmd
}

// checkCauses refuses invalid values of --only.
func checkCauses(only []string) error {
	for _, cause := range only {
		if !slices.Contains(causeNames(), cause) {
			return usagef("--only %q: want %s", cause, joinOr(causeNames()))
		}
	}
	return nil
}

func causeNames() []string {
	var names []string
	for _, cause := range fleet.Causes() {
		names = append(names, string(cause))
	}
	return names
}

func rerunRun(ctx context.Context, a *app, o *rerunOptions, text string) error {
	rules, err := o.rollout.read(a.runner)
	if err != nil {
		return err
	}
	selector, err := o.targets.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	fail, err := failsOnIneligible(o.onIneligible)
	if err != nil {
		return err
	}
	if err := checkCauses(o.only); err != nil {
		return err
	}
	record, err := a.runs.read(text)
	if err != nil {
		return err
	}
	if err := record.Close(); err != nil {
		return err
	}
	if err := o.rollout.files.follows(record); err != nil {
		return err
	}
	wanted, err := o.wanted(a.printer, record)
	if err != nil {
		return err
	}
	ctx, cancel := o.wait.context(ctx)
	defer cancel()
	l, err := o.launch(ctx, a.reader, record, rules)
	if err != nil {
		return err
	}
	all, err := a.reconnect(ctx, record.Header)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error {
		resolver := a.resolver(all)
		resolver.Agents = true
		instances, err := o.choose(ctx, a.finder, resolver, selector, record, all, wanted)
		if err != nil {
			return err
		}
		if len(instances) == 0 {
			return a.reportNoTargets(all, fleet.Plan{RunId: l.runID, Command: l.command})
		}
		who, err := (&selection{fail: fail}).choose(a.printer, all, instances, l.commandType, rerunUse(l.command, l.hidden))
		if err != nil {
			return err
		}
		plan := fleet.NewPlan(l.runID, l.command, who.targets, who.skipped, rules.cut(l.batchSize))
		rules.applyTo(&plan)
		plan.Warnings = slices.Concat(scriptWarnings(record.Plan.Warnings), who.warnings)
		a.warn(plan.Warnings)
		if rules.detach {
			return a.detach(ctx, all, l, plan)
		}
		return a.withJournal(ctx, all, l, plan, func(w waitedRun) error {
			w.plan = plan
			w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) { return engine.Run(ctx, plan) }
			return a.await(ctx, w)
		})
	})
}

// rerunUse returns what a recorded command requires of the agents.
func rerunUse(command fleet.Command, secrets []string) assist.AgentUse {
	use := assist.AgentUse{File: command.Send != nil, Secrets: len(secrets) > 0}
	switch {
	case command.Run != nil:
		use.Launcher, use.TerminationMode = command.Run.Launcher != "", command.Run.TerminationMode
	case command.Invoke != nil:
		use.Launcher, use.TerminationMode = command.Invoke.Launcher != "", command.Invoke.TerminationMode
	}
	return use
}

// scriptWarnings returns the warnings that do not depend on instances.
func scriptWarnings(warnings []fleet.Warning) []fleet.Warning {
	return slices.DeleteFunc(slices.Clone(warnings), func(w fleet.Warning) bool { return w.InstanceCount > 0 })
}

// targetKey identifies a target: instances of several sites may have the same id.
type targetKey struct {
	site fleet.Site
	id   string
}

// choose returns the wanted targets that the selector matches. Terms are matched against all targets: one that matches none is an
// error, one that matches a target that is not wanted is not. It is an error if no target is left, unless that is allowed.
func (o *rerunOptions) choose(ctx context.Context, fd *finder, resolver *target.Resolver, selector target.Selector, record *journal.Record, all sites, wanted map[targetKey]bool) ([]target.Instance, error) {
	everyone := o.targets.none()
	given := []target.Instance{}
	for at, s := range all {
		for i := range record.State.Targets {
			t := &record.State.Targets[i]
			if t.Site == s.site && (!everyone || wanted[targetKey{t.Site, t.InstanceId}]) {
				given = append(given, target.Instance{InstanceId: t.InstanceId, Place: at})
			}
		}
	}
	if len(given) == 0 {
		fd.note("run %s has no target to run again", record.RunId)
		return nil, nil
	}
	found, err := resolver.Among(ctx, selector, given)
	if err != nil {
		return nil, err
	}
	if err := fd.checkUnmatched(found, o.targets.allowUnmatched); err != nil {
		return nil, err
	}
	chosen := len(found.Instances)
	instances := slices.DeleteFunc(found.Instances, func(i target.Instance) bool { return !wanted[targetKey{all[i.Place].site, i.InstanceId}] })
	switch {
	case len(instances) > 0 || chosen == 0:
	case !o.targets.allowUnmatched:
		return nil, o.noTargetsError(record, chosen)
	default:
		fd.note("%s", o.noTargetsError(record, chosen))
	}
	return instances, nil
}

// noTargetsError returns the error for chosen targets of which none ended as wanted.
func (o *rerunOptions) noTargetsError(record *journal.Record, chosen int) error {
	end := "without success"
	if len(o.only) > 0 {
		end = "with " + joinOr(o.only)
	}
	return usagef("run %s has no target to run again: none of the %d chosen ended %s", record.RunId, chosen, end)
}

// wanted returns the targets that ended as wanted.
func (o *rerunOptions) wanted(p *printer, record *journal.Record) (map[targetKey]bool, error) {
	switch {
	case record.Throwaway:
		return nil, usagef("run %s was sent to a lab that ended with it: it cannot be rerun", record.RunId)
	case record.Deferred:
		return nil, usagef("run %s was not waited for: how its targets ended is unknown", record.RunId)
	case record.Running:
		return nil, &journal.InUseError{RunId: record.RunId}
	}
	record.State.Apply(fleet.Event{Event: fleet.Interrupted}) // makes unfinished targets unknown or unsent
	targets, unknown := map[targetKey]bool{}, 0
	for i := range record.State.Targets {
		t := &record.State.Targets[i]
		wanted := t.Cause != fleet.CauseSuccess && t.Cause != fleet.CauseUnknown
		if len(o.only) > 0 {
			wanted = slices.Contains(o.only, string(t.Cause))
		} else if t.Cause == fleet.CauseUnknown {
			unknown++
		}
		if wanted {
			targets[targetKey{t.Site, t.InstanceId}] = true
		}
	}
	if unknown > 0 {
		p.note("%d targets with an unknown outcome are left out: muster runs resume %s finds out how they ended", unknown, record.RunId)
	}
	if len(targets) == 0 && !o.targets.allowUnmatched {
		return nil, usagef("run %s has no target to run again", record.RunId)
	}
	return targets, nil
}

// launch returns the command of the new run.
func (o *rerunOptions) launch(ctx context.Context, rd *reader, record *journal.Record, rules rollout) (*launch, error) {
	command, err := rd.withSecrets(ctx, record.Plan.Command, record.Secrets, o.secretParams)
	if err != nil {
		return nil, err
	}
	l := &launch{
		runID: newRunID(time.Now()), command: command, rollout: rules, title: record.Script, hidden: record.Secrets, secrets: rd.secrets,
		flags: new(commandFlags),
	}
	switch {
	case command.Invoke != nil:
		l.batchSize = rd.config.InvokeBatch
	case command.Send != nil:
		l.batchSize = min(rd.config.RunBatch, assist.MaxSendFileInstances)
	case command.Run != nil:
		request := *command.Run
		if request.Name == defaultName(record.RunId, request.ClientToken) {
			request.Name = defaultName(l.runID, "") // the poller distinguishes runs by their names
		}
		l.command.Run, l.batchSize, l.commandType = &request, rd.config.RunBatch, request.Type
	default:
		return nil, errors.New("the journal has no command")
	}
	return l, nil
}
