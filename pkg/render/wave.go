package render

import (
	"io"
	"iter"
)

// Wave is how one wave of a run ended: what a gate command reads.
type Wave struct {
	waveHead
	run *Run
}

// waveHead is what stands before the instances.
type waveHead struct {
	RunId     string
	Action    string
	RegionId  string // several are joined by commas, as are profiles
	Profile   string `json:",omitempty"`
	Wave      int
	Waves     int
	Counts    Counts // of the wave
	RunCounts Counts // of the run so far
}

// Wave returns the document of a wave, from 1 on. It is good for as long as the run's is.
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

// Parts are the wave's, with its instances as the list.
func (w *Wave) Parts() Parts {
	return Parts{Before: []any{&w.waveHead}, Name: "Instances", List: w.run.spliced(w.Wave)}
}

// Records is the one document.
func (w *Wave) Records() iter.Seq2[any, error] { return Records([]*Wave{w}) }

// Record returns a document without values.
func (w *Wave) Record() any { return Wave{} }

// WriteTable writes what Run.WriteWave writes.
func (w *Wave) WriteTable(out io.Writer, style Style) error {
	return w.run.WriteWave(out, style, w.Wave)
}
