package render

import (
	"fmt"
	"io"
	"strings"

	"muster/pkg/fleet"
)

// WriteWave writes how one wave ended, for who is to say whether the next one may follow: how many in which way, who
// did not succeed, and the outputs, the same ones once.
func (r *Run) WriteWave(w io.Writer, style Style, wave int) error {
	counts := Counts{}
	failed := map[fleet.Cause][]string{}
	for n := range r.numbers(wave) {
		t := &r.state.Targets[n]
		counts["Total"]++
		if t.Cause == "" {
			continue
		}
		counts[string(t.Cause)]++
		if t.Cause != fleet.CauseSuccess {
			failed[t.Cause] = append(failed[t.Cause], r.state.NameOf(t))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "wave %d: %s\n", wave, sum(style, counts, "instance"))
	for _, cause := range fleet.Causes() {
		if names := failed[cause]; len(names) > 0 {
			title := fmt.Sprintf("  %d %s: ", len(names), cause)
			fmt.Fprintln(&b, paintCause(style, cause, title)+foldInto(names, style.room(title)))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return r.ends().write(w, style, r.numbers(wave))
}
