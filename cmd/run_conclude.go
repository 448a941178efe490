package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// conclude prints the report of a run, and how to continue what has not settled. If nothing was sent, it only returns the error.
func (rn *runner) conclude(w waitedRun, end waitResult) error {
	state, err := end.state, end.err
	interrupted := end.chosen != choiceContinue && state.RunId != ""
	if err != nil && !interrupted && len(state.Invocations) == 0 && (state.InDoubt() == 0 || assist.Unreachable(err)) {
		if errors.Is(err, fleet.ErrWaitTimeout) && state.RunId != "" {
			return fmt.Errorf("nothing was submitted: %w", err)
		}
		return err
	}
	printErr := end.eventErr
	if !end.hurried {
		streamed := rn.config.Output == string(render.NDJSON)
		report := rn.report(w, state)
		w.lines.omitFrom(report)
		notes := rn.closingNotes(w, end, report)
		rn.below = rn.screenLines(notes)
		if w.kept {
			rn.showAll = "muster runs show " + rn.runs.shortestName(state.RunId) + " -o wide"
		}
		printErr = errors.Join(printErr, w.files.printRun(rn.printer, rn.runs, state, w.journal, report, streamed))
		for _, text := range notes {
			rn.note("%s", text)
		}
	}
	if err != nil || end.chosen != choiceContinue {
		rn.printRemainder(w, end)
	}
	outcome := rn.outcome(w, end)
	if printErr != nil {
		return unreported(rn.printer, w, state, printErr, outcome)
	}
	return outcome
}

// missingOutputsError reports that every target succeeded but some outputs are unknown.
type missingOutputsError struct {
	outputs int
	command string // looks for the outputs again; may be empty
}

func (e *missingOutputsError) Error() string {
	text := fmt.Sprintf("every instance succeeded, but %d of the outputs are unknown: the service did not return them", e.outputs)
	if e.command != "" {
		text += "; to look for them again: " + e.command
	}
	return text + "; --no-output skips them"
}

// outcome returns the error that determines the exit code.
func (rn *runner) outcome(w waitedRun, end waitResult) error {
	if err := end.outcome(); err != nil || end.state.MissingOutputs() == 0 {
		return err
	}
	failed := &missingOutputsError{outputs: end.state.MissingOutputs()}
	if w.kept && !w.sites.throwaway() {
		failed.command = "muster runs resume " + end.state.RunId
	}
	return failed
}

// outcome returns the error that determines the exit code, without regard to missing outputs.
func (w waitResult) outcome() error {
	switch {
	case term.IsBrokenPipe(w.err):
		return &outcomeError{exitInterrupted}
	case w.err != nil && !errors.Is(w.err, context.Canceled):
		return w.err
	case w.err != nil, w.chosen != choiceContinue:
		return &outcomeError{exitInterrupted}
	case w.state.Gate != "":
		return &outcomeError{exitStopped}
	case !w.state.Succeeded():
		return &outcomeError{exitUnsuccess}
	}
	return nil
}

// codeNotes returns advice about each error code of targets, except about exit codes.
func (rn *runner) codeNotes(state *fleet.State) []string {
	counts := map[string]int{}
	for i := range state.Targets {
		if code := state.Targets[i].ErrorCode; code != "" && code != "ExitCodeNonzero" {
			counts[code]++
		}
	}
	var notes []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		if entry, ok := catalogue.Find(code, rn.language()); ok {
			notes = append(notes, fmt.Sprintf("%s (%d): %s", code, counts[code], entry.Short()))
		}
	}
	return notes
}

// report returns the document of a run.
func (rn *runner) report(w waitedRun, state *fleet.State) *render.Run {
	document := render.NewRun(state, w.journal, w.sites.calls())
	for i := range document.Invocations {
		invocation := &document.Invocations[i]
		if !invocation.InvocationStatus.Terminal() {
			invocation.NextTime = formatTime(nextOf(invocation.Frequency, state.LastStart(invocation.InvokeId)).time)
		}
	}
	return document
}

// formatTime returns a time as documents write it; "" for the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// printRemainder reports what of a run is done, still running or unsent, and how to continue it.
func (rn *runner) printRemainder(w waitedRun, end waitResult) {
	state := end.state
	if term.IsBrokenPipe(end.err) {
		rn.note("the reader of stdout is gone: the wait ends, and nothing is stopped")
	}
	remainder := render.NewRemainder(state)
	if left := len(remainder.Running) + len(remainder.InDoubt) + len(remainder.Unsent) + state.MissingOutputs(); left > 0 {
		remainder.Command = rn.resumeCommand(w, state)
	}
	if rn.wantsJSON() {
		_ = render.Line(rn.streams.Err, remainder) // there is nowhere to report an error to
		return
	}
	if w.sites.throwaway() && len(remainder.Running) > 0 {
		rn.note("the lab ends now, with everything that is still running there")
	}
	_ = remainder.WriteTable(rn.streams.Err, rn.errStyle())
}

// resumeCommand returns the command that resumes a run or waits for what is still running. It is empty if there is nothing to return
// to.
func (rn *runner) resumeCommand(w waitedRun, state *fleet.State) string {
	if w.sites.throwaway() {
		return "" // the lab ends with this process
	}
	if !state.Unsettled() {
		return ""
	}
	if w.kept {
		return "muster runs resume " + state.RunId
	}
	if w.watchedRun != "" {
		return "muster watch " + w.watchedRun
	}
	var open []string
	for _, invocation := range state.Invocations {
		if !invocation.InvocationStatus.Terminal() {
			open = append(open, invocation.InvokeId)
		}
	}
	if len(open) == 0 || w.sites.several() {
		return ""
	}
	command := "muster watch --region " + w.sites[0].region
	if rn.config.Origin("profile") == "flag --profile" {
		command += " --profile " + rn.config.Profile
	}
	return command + " " + strings.Join(open, " ")
}

func callLines(counts map[string]int) []string {
	var lines []string
	for _, action := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%5d calls of %s", counts[action], action))
	}
	return lines
}
