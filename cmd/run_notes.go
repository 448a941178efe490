package cmd

import (
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// closingNotes returns the notes after a run's report: the meaning of error codes, which instances did not succeed, and how to
// continue. If the report is a table on the same screen, its last rows name the instances.
func (rn *runner) closingNotes(w waitedRun, end waitResult, report *render.Run) []string {
	if rn.config.Quiet || rn.wantsJSON() {
		return nil
	}
	notes := slices.Concat(rn.codeNotes(end.state), nextRunNotes(end.state))
	cut := end.err != nil || end.chosen != choiceContinue // printRemainder reports unknown and unsent targets, and how to continue
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

// nextSteps returns how to continue a run that did not succeed, or "".
func (rn *runner) nextSteps(w waitedRun, state *fleet.State) string {
	if !w.kept || w.advised || w.sites.throwaway() || state.Succeeded() {
		return ""
	}
	run := rn.runs.shortestName(state.RunId)
	var steps []string
	switch state.Gate {
	case fleet.GateMaxFailures:
		steps = append(steps, "continue with a higher limit: muster runs resume "+run+" --max-failures N")
	case "":
		if state.Counts()[string(fleet.CauseUnsent)] > 0 {
			steps = append(steps, "send the rest with: muster runs resume "+run)
		}
	default:
		steps = append(steps, "continue with: muster runs resume "+run)
	}
	if causes := causesToRerun(state); len(causes) > 0 {
		steps = append(steps, "run it again for these with: muster runs rerun "+run+" --only "+strings.Join(causes, ","))
	}
	if len(steps) == 0 {
		return ""
	}
	return "run " + state.RunId + ": " + strings.Join(steps, "; ")
}

// causesToRerun returns the causes of failed targets that muster runs rerun accepts. Unsent targets are for muster runs resume.
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
