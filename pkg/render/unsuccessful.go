package render

import (
	"fmt"

	"muster/pkg/fleet"
)

// Unsuccessful returns a line for each cause by which instances ended without success, with their names folded: 2 exit:
// web-[003,007]. It leaves out the causes for which it is told to.
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
