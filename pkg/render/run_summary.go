package render

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// sum returns the summary line.
func (r *Run) sum(style Style) string {
	line := sum(r.Counts, "instance", r.results(style))
	if d := r.took(); d > 0 && r.Counts["Total"] > 0 {
		line += fmt.Sprintf(" in %s", d.Round(precision(d)))
	}
	if r.Fanout > 0 {
		line += fmt.Sprintf(", at most %d at a time", r.Fanout)
	}
	if n := r.state.MissingOutputs(); n > 0 {
		line += ", " + style.Paint.Warn(plural(n, "unknown output"))
	}
	switch r.Gate {
	case fleet.GateMaxFailures:
		line += ", stopped by --max-failures"
	case fleet.GateDeclined:
		line += ", the next wave was declined"
	case fleet.GateCommand:
		line += ", stopped by --gate"
	}
	if r.shown != nil {
		line += fmt.Sprintf(" (%d shown)", r.shownCounts()["Total"])
	}
	return line
}

// shownCounts returns the counts of the instances that are shown.
func (r *Run) shownCounts() Counts {
	if r.shown == nil {
		return r.Counts
	}
	counts := Counts{}
	for n := range r.numbers(0) {
		counts["Total"]++
		if cause := r.state.Targets[n].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	return counts
}

// took returns the duration of the run, or 0 while it lasts.
func (r *Run) took() time.Duration { return max(0, r.state.Finished.Sub(r.state.Started)) }

// sum returns the counts in one line: 120 instances: 61 success, 59 exit; or no instances.
func sum(counts Counts, noun, results string) string {
	if counts["Total"] == 0 {
		return "no " + noun + "s"
	}
	return plural(counts["Total"], noun) + ": " + results
}

// results is results for a run, which distinguishes what is still running after the wait, and what has not been sent.
func (r *Run) results(style Style) string {
	counts, running, unsent := maps.Clone(r.Counts), 0, 0
	for i := range r.state.Targets {
		t := &r.state.Targets[i]
		if e := (outcomeRow{cause: t.Cause, status: t.InvocationStatus, code: t.ErrorCode}); e.running() {
			running++
		} else if t.Cause == "" && t.InvokeId == "" {
			unsent++
		}
	}
	unsent = max(0, unsent-r.state.InDoubt())
	counts[string(fleet.CauseUnknown)] -= running
	parts, rest := byCause(style, counts)
	if running > 0 {
		parts = append(parts, paintCause(style, fleet.CauseUnknown, fmt.Sprintf("%d still running", running)))
	}
	if under := rest - running - unsent; under > 0 {
		parts = append(parts, fmt.Sprintf("%d under way", under))
	}
	if unsent > 0 {
		parts = append(parts, fmt.Sprintf("%d not sent yet", unsent))
	}
	return strings.Join(parts, ", ")
}

func results(style Style, counts Counts) string {
	parts, rest := byCause(style, counts)
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d under way", rest))
	}
	return strings.Join(parts, ", ")
}

// byCause returns a part for each cause, and the number without a cause.
func byCause(style Style, counts Counts) (parts []string, rest int) {
	rest = counts["Total"]
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 {
			parts = append(parts, paintCause(style, cause, fmt.Sprintf("%d %s", n, cause)))
			rest -= n
		}
	}
	return parts, rest
}

// Unsuccessful returns a line for each cause of instances that did not succeed, with their names folded: 2 exit: web-[003,007].
// It omits the causes for which leaveOut returns true.
func (r *Run) Unsuccessful(style Style, leaveOut func(fleet.Cause) bool) []string {
	names := map[fleet.Cause][]string{}
	for n := range r.numbers(0) {
		if t := &r.state.Targets[n]; t.Cause != fleet.CauseSuccess && !leaveOut(t.Cause) {
			names[t.Cause] = append(names[t.Cause], r.state.NameOf(t))
		}
	}
	var lines []string
	for _, cause := range fleet.Causes() {
		if len(names[cause]) > 0 {
			title := fmt.Sprintf("%d %s: ", len(names[cause]), cause)
			lines = append(lines, title+style.heading(names[cause], columnsOf("muster: "+title)))
		}
	}
	return lines
}

// number returns a number as text, and an empty string for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func precision(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return time.Millisecond
	case d < time.Minute:
		return 100 * time.Millisecond
	}
	return time.Second
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
