package cmd

import (
	"fmt"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// progressView is one line of how far a run is. It belongs to the engine's sink.
type progressView struct {
	update func(string)
	seen   map[string]int64 // runs of periodic commands that were told, by invocation and instance
}

func newProgressView(update func(string)) *progressView {
	return &progressView{update: update, seen: map[string]int64{}}
}

func (v *progressView) show(state *fleet.State) { v.update(progressLine(state)) }

// finishedRuns are the runs of a periodic command that an event tells of, a line each.
func (v *progressView) finishedRuns(event fleet.Event) []string {
	if !event.Periodic {
		return nil
	}
	var lines []string
	for _, i := range event.Instances {
		if key := event.InvokeId + i.InstanceId; i.FinishTime != "" && i.Repeats > v.seen[key] {
			v.seen[key] = i.Repeats
			line := fmt.Sprintf("%s  %s  run %d: exit %d", i.FinishTime, i.InstanceId, i.Repeats, i.ExitCode)
			if i.ErrorCode != "" {
				line += "  " + term.Sanitize(i.ErrorCode)
			}
			lines = append(lines, line+"\n")
		}
	}
	return lines
}

func progressLine(state *fleet.State) string {
	counts := state.Counts()
	parts := []string{fmt.Sprintf("%d/%d", state.Ended(), counts["Total"])}
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, cause))
		}
	}
	return strings.Join(parts, "  ")
}
