package render

import (
	"fmt"
	"io"
	"iter"

	"muster/pkg/fleet"
)

// Wave is the outcome of a wave of a run: what a gate command reads.
type Wave struct {
	waveHead
	run *Run
}

// waveHead has the keys before the instances.
type waveHead struct {
	RunId     string
	Action    string
	RegionId  string // several are joined by commas, like profiles
	Profile   string `json:",omitempty"`
	Wave      int
	Waves     int
	Counts    Counts // of the wave
	RunCounts Counts // of the run so far
}

// Wave returns the document of a wave, from 1. It is valid as long as the run's.
func (r *Run) Wave(number int) *Wave {
	counts := Counts{}
	for n := range r.numbers(number) {
		counts["Total"]++
		if cause := r.state.Targets[n].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	head := waveHead{
		RunId: r.RunId, Action: r.Action, RegionId: r.RegionId, Profile: r.Profile,
		Wave: number, Waves: r.state.Waves(), Counts: counts, RunCounts: r.Counts,
	}
	return &Wave{waveHead: head, run: r}
}

// Parts returns the wave's parts, with its instances as the list.
func (w *Wave) Parts() Parts {
	return Parts{Before: []any{&w.waveHead}, Name: "Instances", List: w.run.spliced(w.Wave)}
}

// Records returns the document itself.
func (w *Wave) Records() iter.Seq2[any, error] { return Records([]*Wave{w}) }

// Record returns a document without values.
func (w *Wave) Record() any { return Wave{} }

// WriteTable writes what [Run.WriteWave] writes.
func (w *Wave) WriteTable(out io.Writer, style Style) error {
	return w.run.WriteWave(out, style, w.Wave)
}

// waveRows is the number of screen lines around the rows of a wave's report.
const waveRows = 5

// WriteWave writes the outcome of a wave, to decide whether the next one may follow: the outputs, equal ones once, the
// instances that did not succeed, and the counts.
func (r *Run) WriteWave(w io.Writer, style Style, wave int) error {
	counts := Counts{}
	for n := range r.numbers(wave) {
		counts["Total"]++
		if cause := r.state.Targets[n].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	if err := writeAbove(w, style, r.outcomes(), r.numbers(wave)); err != nil {
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
