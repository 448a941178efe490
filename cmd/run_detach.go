package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
)

// refuseDetached refuses flags that --detach leaves without a process.
func (f *rolloutFlags) refuseDetached(st *settings) error {
	if !f.detach {
		return nil
	}
	if st.lab.size > 0 {
		return usagef("--detach leaves the run running, and a lab of --lab ends with this command: start one with muster lab, and choose it with --profile lab")
	}
	has := func(name string) bool {
		flag := st.flags.Lookup(name)
		return flag != nil && flag.Changed && flag.Value.String() != "false"
	}
	for _, name := range []string{"waves", "fanout", "gate", "max-failures", "pause", "confirm"} {
		if has(name) {
			return usagef("--detach submits everything at once and returns, and --%s needs a process that stays: leave one of them out; nohup keeps a roll-out going without a terminal", name)
		}
	}
	if has("no-journal") {
		return usagef("--detach needs the run's journal, and --no-journal keeps none: leave one of them out")
	}
	const givenToWait = "give it to muster runs wait"
	for _, other := range []struct{ name, instead string }{
		{"follow", "muster runs logs last --follow prints what a detached run writes"},
		{"wait-timeout", givenToWait}, {"output-dir", givenToWait}, {"diff", givenToWait}, {"diff-run", givenToWait},
		{"group", givenToWait}, {"raw", givenToWait}, {"yes", "nothing asks for it"},
	} {
		if has(other.name) && !st.fromSettings[other.name] {
			return usagef("--detach does not wait, so that --%s has no effect: leave one of them out; %s", other.name, other.instead)
		}
	}
	if repeat := st.flags.Lookup("repeat"); repeat != nil && repeat.Value.String() == "DryRun" {
		return usagef("--detach leaves a run running, and with --repeat DryRun the service only checks it: leave one of them out")
	}
	if one := []string{string(render.CSV), string(render.Markdown), string(render.JUnit), string(render.Nodeset)}; slices.Contains(one, st.config.Output) {
		return usagef("--detach returns before there is anything that -o %s could report: give -o %[1]s to muster runs wait; -o json reports what was submitted", st.config.Output)
	}
	return nil
}

// submitDetached submits a run without waiting for it.
func (rn *runner) submitDetached(ctx context.Context, w waitedRun, plan fleet.Plan) waitResult {
	events := &eventPrinter{printer: rn.printer}
	state, err := rn.engine(w, events.sink).Submit(ctx, plan)
	return waitResult{state: state, err: err, eventErr: events.err()}
}

// detach submits a run, and prints its id.
func (rn *runner) detach(ctx context.Context, all sites, l *launch, plan fleet.Plan) error {
	return rn.withJournal(ctx, all, l, plan, func(w waitedRun) error {
		end := rn.submitDetached(ctx, w, plan)
		if end.sentNothing() {
			return end.err
		}
		var printErr error
		switch {
		case rn.config.Output == string(render.NDJSON): // the events are the output
		case rn.outputIsIDs():
			printErr = rn.printIDs(plan.RunId)
		default:
			printErr = rn.print(render.NewSubmitted(end.state, all.calls()))
		}
		rn.noteDetached(w, end, !l.flags.settles())
		if printErr = errors.Join(end.eventErr, printErr); printErr != nil {
			return unreported(rn.printer, w, end.state, printErr, end.detached())
		}
		return end.detached()
	})
}

// sentNothing reports whether an error kept everything from being sent, so that there is nothing else to report.
func (w waitResult) sentNothing() bool {
	return w.err != nil && len(w.state.Invocations) == 0 && (w.state.InDoubt() == 0 || assist.Unreachable(w.err))
}

// detached returns the error that determines the exit code of a submitted run. A refused target counts as a failure.
func (w waitResult) detached() error {
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

// noteDetached reports what was submitted and refused, and how to continue. A periodic run never ends.
func (rn *runner) noteDetached(w waitedRun, end waitResult, periodic bool) {
	if refused := end.state.Counts()[string(fleet.CauseRejected)]; refused > 0 {
		rn.note("%s refused: muster runs show %s prints the reasons", instancesWere(refused), end.state.RunId)
		for _, text := range rn.codeNotes(end.state) {
			rn.note("%s", text)
		}
	}
	switch {
	case end.err != nil:
		rn.printRemainder(w, end)
	case rn.config.Quiet || len(end.state.Invocations) == 0:
	case periodic:
		rn.note("submitted; it continues on its own: muster watch %s shows it, and muster runs stop %[1]s stops it", end.state.RunId)
	case end.state.Action == (*assist.SendFileRequest)(nil).Action(): // sending files cannot be stopped
		rn.note("submitted; wait for it with: muster runs wait %s", end.state.RunId)
	default:
		rn.note("submitted; wait for it with: muster runs wait %s; stop it with: muster runs stop %[1]s", end.state.RunId)
	}
}

func instancesWere(n int) string {
	if n == 1 {
		return "1 instance was"
	}
	return fmt.Sprintf("%d instances were", n)
}
