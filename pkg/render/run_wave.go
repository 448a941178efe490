package render

import (
	"fmt"
	"io"

	"muster/pkg/fleet"
)

// waveRows is how many lines of the screen are not for the rows of a wave's report.
const waveRows = 5

// WriteWave writes how one wave ended, for who is to say whether the next one may follow: the outputs, the same ones once, who did
// not succeed, and how many ended in which way.
func (r *Run) WriteWave(w io.Writer, style Style, wave int) error {
	counts := Counts{}
	for n := range r.numbers(wave) {
		counts["Total"]++
		if cause := r.state.Targets[n].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	if err := writeAbove(w, style, r.ends(), r.numbers(wave)); err != nil {
		return err
	}
	if counts["Total"] > counts[string(fleet.CauseSuccess)] {
		unsuccessful := func(yield func(int32) bool) {
			for n := range r.numbers(wave) {
				if r.state.Targets[n].Cause != fleet.CauseSuccess && !yield(n) {
					return
				}
			}
		}
		if err := r.writeEnds(w, style, unsuccessful, style.rows(waveRows)); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, style.wrapped(fmt.Sprintf("wave %d: %s", wave, sum(counts, "instance", results(style, counts)))))
	return err
}
