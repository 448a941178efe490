package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// refuseDetached refuses what --detach leaves no process for.
func (f *rolloutFlags) refuseDetached(a *app) error {
	if !f.detach {
		return nil
	}
	if a.labSize > 0 {
		return usagef("--detach leaves the run behind, and a lab of --lab ends with this command: serve one with muster lab, and choose it with --profile lab")
	}
	has := func(name string) bool {
		flag := a.flags.Lookup(name)
		return flag != nil && flag.Changed && flag.Value.String() != "false"
	}
	for _, name := range []string{"waves", "fanout", "gate", "max-failures", "pause", "confirm"} {
		if has(name) {
			return usagef("--detach submits everything at once and returns, and --%s needs a process that stays: leave one of them out; nohup keeps a roll-out going without a terminal", name)
		}
	}
	if has("no-journal") {
		return usagef("--detach leaves the run to its journal, and --no-journal keeps none: leave one of them out")
	}
	const givenToWait = "give it to muster runs wait"
	for _, other := range []struct{ name, instead string }{
		{"follow", "muster runs logs last --follow prints what a detached run writes"},
		{"wait-timeout", givenToWait}, {"output-dir", givenToWait}, {"diff", givenToWait}, {"diff-run", givenToWait},
		{"group", givenToWait}, {"raw", givenToWait}, {"yes", "nothing asks for it"},
	} {
		if has(other.name) && !a.fromSettings[other.name] {
			return usagef("--detach does not wait, so that --%s has no effect: leave one of them out; %s", other.name, other.instead)
		}
	}
	if repeat := a.flags.Lookup("repeat"); repeat != nil && repeat.Value.String() == "DryRun" {
		return usagef("--detach leaves a run behind, and with --repeat DryRun the service only checks it: leave one of them out")
	}
	if one := []string{string(render.CSV), string(render.Markdown), string(render.JUnit), string(render.Nodeset)}; slices.Contains(one, a.config.Output) {
		return usagef("--detach prints the run's id, and nothing has ended that -o %s could report: give -o %[1]s to muster runs wait; -o json has what was submitted", a.config.Output)
	}
	return nil
}

// submitDetached submits a run and leaves it.
func (a *app) submitDetached(ctx context.Context, w wait, plan fleet.Plan) watched {
	events := &eventLines{app: a}
	state, err := a.engine(w, events.sink).Submit(ctx, plan)
	return watched{state: state, err: err, unsaid: events.err()}
}

// detach submits a run, and prints how to name it.
func (a *app) detach(ctx context.Context, all sites, l *launch, plan fleet.Plan) error {
	return a.withJournal(ctx, all, l, plan, func(w wait) error {
		end := a.submitDetached(ctx, w, plan)
		if end.nothingSent() {
			return end.err
		}
		var printErr error
		switch {
		case a.config.Output == string(render.NDJSON): // the events are the output
		case a.printsIDs():
			printErr = a.printIDs(plan.RunId)
		default:
			printErr = a.print(render.NewSubmitted(end.state, all.calls()))
		}
		a.sayDetached(w, end, !l.flags.settlesByItself())
		if printErr = errors.Join(end.unsaid, printErr); printErr != nil {
			return a.unreported(w, end.state, printErr, end.detached())
		}
		return end.detached()
	})
}

// nothingSent reports whether an error kept everything from being sent, so that it is all there is to say.
func (w watched) nothingSent() bool {
	return w.err != nil && len(w.state.Invocations) == 0 && (w.state.InDoubt() == 0 || assist.Unreachable(w.err))
}

// detached returns the error that gives the exit code of what was submitted and left. A refusal is an end without success already.
func (w watched) detached() error {
	switch {
	case errors.Is(w.err, context.Canceled):
		return &outcomeError{exitInterrupted}
	case w.err != nil:
		return w.err
	case w.state.Counts()[string(fleet.CauseRejected)] > 0:
		return &outcomeError{exitUnsuccess}
	}
	return nil
}

// sayDetached says what was submitted, what was refused, and how to go on. What is periodic never ends.
func (a *app) sayDetached(w wait, end watched, periodic bool) {
	if refused := end.state.Counts()[string(fleet.CauseRejected)]; refused > 0 {
		a.note("%s refused: muster runs show %s has the reasons", were(refused), end.state.RunId)
		for _, text := range a.advice(end.state) {
			a.note("%s", text)
		}
	}
	switch {
	case end.err != nil:
		a.lastWords(w, end)
	case a.config.Quiet || len(end.state.Invocations) == 0:
	case periodic:
		a.note("submitted; it goes on by itself: muster watch %s shows it, and muster runs stop %[1]s ends it", end.state.RunId)
	case end.state.Action == (*assist.SendFileRequest)(nil).Action(): // files cannot be stopped
		a.note("submitted; wait for it with: muster runs wait %s", end.state.RunId)
	default:
		a.note("submitted; wait for it with: muster runs wait %s; stop it with: muster runs stop %[1]s", end.state.RunId)
	}
}

func were(n int) string {
	if n == 1 {
		return "1 instance was"
	}
	return fmt.Sprintf("%d instances were", n)
}

// printsIDs reports whether the output is for people, or for a shell's variable: the run's id alone.
func (a *app) printsIDs() bool {
	return a.query == nil && slices.Contains([]string{string(render.Table), string(render.Wide), string(render.Name)}, a.config.Output)
}

// printIDs prints the ids of runs, a line each. One who has closed stdout has seen enough.
func (a *app) printIDs(ids ...string) error {
	for _, id := range ids {
		if _, err := fmt.Fprintln(a.streams.Out, id); term.IsBrokenPipe(err) {
			return nil
		} else if err != nil {
			return fmt.Errorf("write the run's id: %w", err)
		}
	}
	return nil
}
