package cmd

import (
	"fmt"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// liveView shows the progress of a run on the terminal. It reads the run's state when a frame is drawn, and less often if that takes
// long.
type liveView struct {
	control *fleet.Control
	waits   *assist.WaitingCalls
	live    *render.Live
	style   render.Style

	lines   []string // of the last frame
	columns int
	at      time.Time
	cost    time.Duration
}

// looksPerCost limits reading the state, during which nothing can change it, to a fiftieth of the time.
const looksPerCost = 50

func newLiveView(control *fleet.Control, waits *assist.WaitingCalls, style render.Style) *liveView {
	return &liveView{control: control, waits: waits, live: render.NewLive(time.Now(), nextRun), style: style}
}

// frame returns the lines of the display, for term.Progress. It is not safe for concurrent use.
func (v *liveView) frame(columns int) []string {
	now := time.Now()
	if columns == v.columns && now.Sub(v.at) < looksPerCost*v.cost {
		return v.lines
	}
	v.control.Look(func(s *fleet.State) {
		v.style.Width = columns
		v.lines = append(v.live.Lines(s, v.style, now), render.Waits(v.waits.Now(), v.style, now)...)
		v.columns, v.at, v.cost = columns, now, time.Since(now)
	})
	return v.lines
}

// periodicRuns are the runs of periodic commands that were reported, by invocation and instance.
type periodicRuns map[string]int64

// finished returns a line for each newly finished run of an event.
func (seen periodicRuns) finished(event fleet.Event, state *fleet.State) []string {
	if !event.Periodic {
		return nil
	}
	var lines []string
	for _, i := range event.Instances {
		if key := event.InvokeId + i.InstanceId; i.FinishTime != "" && i.Repeats > seen[key] {
			seen[key] = i.Repeats
			name := term.Sanitize(state.NameIn(event.InvokeId, i.InstanceId))
			line := fmt.Sprintf("%s  %s  run %d: exit %d", i.FinishTime, name, i.Repeats, i.ExitCode)
			if i.ErrorCode != "" {
				line += "  " + term.Sanitize(i.ErrorCode)
			}
			lines = append(lines, line+"\n")
		}
	}
	return lines
}
