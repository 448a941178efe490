package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
	"muster/pkg/schedule"
)

// runner sends runs, waits for them, and reports them.
type runner struct {
	*printer
	*reader
	*connector
	*finder
	runs        *runStore
	wrapJournal func(fleet.Journal) fleet.Journal // wraps the journal that an engine writes to; nil except in tests
	patience    time.Duration                     // see fleet.Engine; 0 except in tests
}

// launch is a command that is about to be sent, new or saved.
type launch struct {
	runID     string
	command   fleet.Command
	batchSize int
	flags     *commandFlags
	rollout   rollout
	selection *selection

	title       string // for lists of runs: the script's first line, or the saved command's name
	commandType string // RunShellScript, …
	content     string // before parameters are filled in
	enabled     bool   // parameters are filled in
	parameters  assist.JSONMap
	secrets     fleet.Secrets   // the values of secret parameters
	hidden      []string        // the names of secret parameters
	warnings    []fleet.Warning // about the script
	launcher    string          // of the script or the saved command
}

// start sends a command, or previews it, and waits for it if it ends.
func (rn *runner) start(ctx context.Context, all sites, l *launch) error {
	if err := rn.noteSchedule(l); err != nil {
		return err
	}
	plan, err := rn.plan(ctx, all, l)
	if err != nil {
		return err
	}
	if l.flags.clientToken != "" {
		if err := setClientToken(&plan, l.flags.clientToken); err != nil {
			return err
		}
	}
	switch {
	case len(plan.Targets) == 0 && !l.flags.serverSideTags:
		return rn.reportNoTargets(all, plan)
	case l.flags.preview:
		return rn.print(l.preview(plan))
	}
	rn.warn(plan.Warnings)
	switch {
	case l.rollout.detach:
		return rn.detach(ctx, all, l, plan)
	case !l.flags.settles():
		return rn.submitOnly(ctx, all, l, plan)
	}
	return rn.withJournal(ctx, all, l, plan, func(w waitedRun) error {
		w.plan, w.commandType = plan, l.commandType
		w.plan.Targets = nil
		w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
			whole := plan
			plan.Targets = nil // the state has the targets from then on, and they take much memory
			return engine.Run(ctx, whole)
		}
		return rn.await(ctx, w)
	})
}

// agentUse returns what the command requires of the agents.
func (l *launch) agentUse() assist.AgentUse {
	use := assist.AgentUse{
		Frequency: l.flags.frequency, Containers: l.flags.containerID != "" || l.flags.containerName != "",
		Secrets: len(l.hidden) > 0, Launcher: l.launcher != "", TerminationMode: l.flags.terminationMode,
	}
	if l.enabled {
		use.Content = l.content
	}
	return use
}

// setClientToken sets the token of a plan with one call.
func setClientToken(plan *fleet.Plan, token string) error {
	batches := plan.Batches()
	if plan.Fanout > 0 {
		return usagef("--client-token is for one call, and --fanout makes several: leave one of them out")
	}
	if len(batches) > 1 {
		return usagef("--client-token is for one call, and %d instances are %d calls", len(plan.Targets), len(batches))
	}
	plan.Waves[0].Batches[0].ClientToken = token
	return nil
}

// plan finds the targets, unless the service does.
func (rn *runner) plan(ctx context.Context, all sites, l *launch) (fleet.Plan, error) {
	if l.flags.serverSideTags {
		if len(l.rollout.waves) > 0 || l.rollout.fanout != nil {
			return fleet.Plan{}, usagef("--waves and --fanout exclude --server-side-tags: which instances the service finds is known only after the call")
		}
		plan := fleet.NewTagPlan(l.runID, l.command, all.list())
		plan.Warnings = l.warnings
		return plan, nil
	}
	who, err := l.selection.resolve(ctx, rn.finder, all, l.commandType, l.agentUse())
	if err != nil {
		return fleet.Plan{}, err
	}
	plan := fleet.NewPlan(l.runID, l.command, who.targets, who.skipped, l.rollout.cut(l.batchSize))
	l.rollout.applyTo(&plan)
	plan.Warnings = slices.Concat(l.warnings, who.warnings)
	return plan, nil
}

// noteSchedule reports when a periodic command will run, and flags without effect.
func (rn *runner) noteSchedule(l *launch) error {
	if l.flags.frequency != "" && l.flags.repeatMode == "DryRun" {
		return usagef("--repeat DryRun excludes --frequency: the service schedules any call with a frequency")
	}
	if l.flags.timed && !rn.config.Quiet {
		rn.note("--timed is obsolete and has no effect: --frequency makes a command periodic")
	}
	if l.flags.frequency == "" || rn.config.Quiet {
		return nil
	}
	frequency, err := schedule.Parse(l.flags.frequency)
	if err != nil {
		return &usageError{err}
	}
	zone, named := frequency.Location()
	if !named {
		zone = "by this machine's clock; each instance follows its own"
	}
	fires, silent := frequency.AgentFires(time.Now(), time.Local, 3)
	if len(fires) == 0 {
		text := "it never runs"
		if silent {
			text = "because clocks change now, instances do not run it until their agents are restarted"
		}
		rn.note("%s: %s", frequency.Words(), text)
		return nil
	}
	if zone != "" {
		zone = " (" + zone + ")"
	}
	rn.note("%s; next: %s%s", frequency.Words(), strings.Join(formatTimes(fires), ", "), zone)
	for _, warning := range scheduleWarnings(frequency, time.Now(), time.Local) {
		rn.note("%s", warning)
	}
	return nil
}

// reportNoTargets reports a run without targets, if that is allowed. Nothing is sent.
func (rn *runner) reportNoTargets(all sites, plan fleet.Plan) error {
	state := fleet.NewState()
	state.Apply(fleet.Event{Event: fleet.Planned, Time: time.Now(), RunId: plan.RunId, Action: plan.Command.Action(), Sites: all.list()})
	state.Apply(fleet.Event{Event: fleet.Settled, Time: time.Now()})
	return rn.print(render.NewRun(state, nil, all.calls()))
}

// settles reports whether the command runs once and now.
func (f *commandFlags) settles() bool {
	return f.frequency == "" && (f.repeatMode == "" || f.repeatMode == "Once")
}

// submitOnly sends a command that never settles, and reports how to watch and stop it.
func (rn *runner) submitOnly(ctx context.Context, all sites, l *launch, plan fleet.Plan) error {
	return rn.withJournal(ctx, all, l, plan, func(w waitedRun) error {
		events := &eventPrinter{printer: rn.printer}
		state, err := rn.engine(w, events.sink).Submit(ctx, plan)
		if err != nil && len(state.Invocations) == 0 {
			return err
		}
		if printErr := errors.Join(events.err(), rn.reportSubmitted(w, l, plan, state)); printErr != nil {
			return unreported(rn.printer, w, state, printErr, err)
		}
		return err
	})
}

func (rn *runner) reportSubmitted(w waitedRun, l *launch, plan fleet.Plan, state *fleet.State) error {
	if l.flags.repeatMode == "DryRun" && rn.config.Output == string(render.Table) {
		rn.note("the service has checked it for %s; nothing runs", plural(len(plan.Targets)-len(plan.Skipped), "instance"))
		return nil
	}
	if rn.config.Output != string(render.NDJSON) {
		document := render.NewSubmitted(state, w.sites.calls())
		for i := range document.Invocations {
			document.Invocations[i].Frequency = l.flags.frequency
			document.Invocations[i].NextTime = formatTime(nextOf(l.flags.frequency, time.Time{}).time)
		}
		if err := rn.print(document); err != nil {
			return err
		}
	}
	if w.sites.throwaway() || rn.config.Quiet {
		return nil
	}
	for _, s := range w.sites {
		var ids []string
		for _, invocation := range state.Invocations {
			if invocation.Site == s.site {
				ids = append(ids, invocation.InvokeId)
			}
		}
		if list := strings.Join(ids, " "); list != "" {
			if w.sites.several() {
				list = s.flags() + list
			}
			rn.note("it continues on its own; see it with: muster watch %s; stop it with: muster stop %s", list, list)
		}
	}
	return nil
}

// resubmit sends the rest of a run that is not waited for.
func (rn *runner) resubmit(ctx context.Context, w waitedRun, plan fleet.Plan, record *journal.Record) error {
	events := &eventPrinter{printer: rn.printer}
	state, err := rn.engine(w, events.sink).Resubmit(ctx, plan, record.State)
	if err != nil {
		return err
	}
	l := &launch{flags: new(commandFlags)}
	if run := plan.Command.Run; run != nil {
		l.flags.frequency, l.flags.repeatMode = run.Frequency, run.RepeatMode
	} else {
		l.flags.frequency, l.flags.repeatMode = plan.Command.Invoke.Frequency, plan.Command.Invoke.RepeatMode
	}
	if printErr := errors.Join(events.err(), rn.reportSubmitted(w, l, plan, state)); printErr != nil {
		return unreported(rn.printer, w, state, printErr, nil)
	}
	return nil
}
