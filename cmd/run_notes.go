package cmd

import (
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// closingNotes returns the notes that follow the report of a run: what each error code means, who did not succeed, and how to go on. Where
// the report is a table on the same screen, its last rows say who.
func (rn *runner) closingNotes(w waitedRun, end waitResult, report *render.Run) []string {
	if rn.config.Quiet || rn.wantsJSON() {
		return nil
	}
	notes := rn.codeNotes(end.state)
	cut := end.err != nil || end.chosen != choiceContinue // lastWords say whose end is unknown, who was never sent to, and how to go on
	if !rn.tableOnScreen() {
		notes = append(notes, report.Unsuccessful(rn.errStyle(), func(cause fleet.Cause) bool {
			return cut && (cause == fleet.CauseUnknown || cause == fleet.CauseUnsent)
		})...)
	}
	if next := rn.nextSteps(w, end.state); next != "" && (!cut || rn.resumeCommand(w, end.state) == "") {
		notes = append(notes, next)
	}
	return notes
}

// nextSteps says how to go on with a run that ended without success. It is empty where there is nothing to go on with.
func (rn *runner) nextSteps(w waitedRun, state *fleet.State) string {
	if !w.kept || w.advised || w.sites.throwaway() || state.Succeeded() {
		return ""
	}
	run := rn.runs.shortestName(state.RunId)
	var steps []string
	switch state.Gate {
	case fleet.GateMaxFailures:
		steps = append(steps, "go on with a higher limit: muster runs resume "+run+" --max-failures N")
	case "":
		if state.Counts()[string(fleet.CauseUnsent)] > 0 {
			steps = append(steps, "send the rest with: muster runs resume "+run)
		}
	default:
		steps = append(steps, "go on with: muster runs resume "+run)
	}
	if causes := causesToRerun(state); len(causes) > 0 {
		steps = append(steps, "run it again for these with: muster runs rerun "+run+" --only "+strings.Join(causes, ","))
	}
	if len(steps) == 0 {
		return ""
	}
	return "run " + state.RunId + ": " + strings.Join(steps, "; ")
}

// causesToRerun returns the causes by which targets ended that muster runs rerun can run again. What was never sent is
// for muster runs resume.
func causesToRerun(state *fleet.State) []string {
	counts := state.Counts()
	var causes []string
	for _, cause := range fleet.Causes() {
		switch {
		case counts[string(cause)] == 0, cause == fleet.CauseSuccess, cause == fleet.CauseUnknown:
		case cause == fleet.CauseUnsent:
		default:
			causes = append(causes, string(cause))
		}
	}
	return causes
}
