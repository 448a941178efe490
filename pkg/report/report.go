package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"text/template"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// Source is a run and everything that belongs to it.
type Source struct {
	State   *fleet.State
	Plan    fleet.Plan
	Events  iter.Seq2[fleet.Event, error]
	Outputs fleet.Outputs
	Script  string // the script's first line, or the saved command's name
	Running bool   // a process is executing it
	Muster  string // the version that writes the report
}

// run is a source with what was derived from its events.
type run struct {
	Source
	*history
	begin, end time.Time
	courses    []course
	drawn      []drawn
}

// Report is a run that is ready to be written.
type Report struct{ page page }

// New reads a run's events. The state must not change until the report has been written.
func New(source Source) (*Report, error) {
	return newReport(source, mostOutputs)
}

func newReport(source Source, most int) (*Report, error) {
	m, err := fold(source.Events)
	if err != nil {
		return nil, err
	}
	r := &run{Source: source, history: m, begin: source.State.Started}
	r.end = source.State.Finished
	if r.end.IsZero() {
		r.end = m.last
	}
	if r.end.Before(r.begin) {
		r.end = r.begin
	}
	for i := range source.State.Targets {
		t := &source.State.Targets[i]
		r.courses = append(r.courses, m.course(t))
		r.drawn = append(r.drawn, draw(r.courses[i], r.begin, r.end))
	}
	return &Report{r.page(most)}, nil
}

// Write writes the page.
func (r *Report) Write(w io.Writer) error {
	layout, err := layout(r.page.columns())
	if err != nil {
		return err
	}
	err = layout.Execute(w, r.page)
	if _, ours := errors.AsType[template.ExecError](err); ours { // errors of the writer are returned unchanged
		return fmt.Errorf("write the report: %w", err)
	}
	return err
}

// page has the fields of the template. All texts from elsewhere have been made safe to show.
type page struct {
	Title    string
	RunId    string
	Script   string
	Status   string
	Note     string // that the run is not over, or was cut off
	Facts    []fact
	Total    int
	Counts   []count
	Rules    string
	Waves    []wave
	Happened []event
	Day      string
	Timeline timeline
	FanOut   *fanOut // nil if there was none
	Heat     heatMap
	Spread   distribution
	Groups   []group
	Left     leftOut
	Most     string
	Calls    []invocation
	Many     bool // there are so many targets that only those without success are printed on paper
	Regions  bool // there are several
	Profiles bool
	InWaves  bool

	run    *run
	places []int
	of     []int
}

// event is a milestone and its time.
type event struct{ At, What, Text string }

// fact is a name and a text.
type fact struct{ Name, Text string }

// invocation is a call that the service accepted.
type invocation struct {
	InvokeId, CommandId, RequestId, Site, Status string
	N                                            int
}

// manyTargets is the number of targets above which only those without success are printed on paper.
const manyTargets = 500

func (r *run) page(most int) page {
	s := r.State
	p := page{
		RunId: shown(s.RunId), Script: shown(r.Script), Status: shown(string(s.Status())), Rules: r.rules(), InWaves: s.Waves() > 1,
		Day: r.begin.UTC().Format(time.DateOnly), Heat: newHeatMap(s.Targets), Spread: newDistribution(s.Targets),
		Most: fmt.Sprintf("%d MiB", most>>20), Many: len(s.Targets) > manyTargets, run: r,
	}
	for _, h := range r.milestones {
		p.Happened = append(p.Happened, event{r.clock(h.At), h.What, h.Text})
	}
	p.Title = shown(cmp.Or(r.Script, s.Action)) + " – " + p.RunId
	p.Counts, p.Total = r.countOf(func(int) bool { return true })
	switch {
	case r.Running:
		p.Note = "This run was under way when the report was written."
	case s.Interrupted != "":
		p.Note = "The wait for this run ended early: " + shown(s.Interrupted) + "."
	case s.Finished.IsZero():
		p.Note = "This run was cut off, or was not waited for."
	}
	p.Waves, p.FanOut = r.waveList(), newFanOut(r)
	var regions, profiles []string
	for _, site := range s.Sites {
		if !slices.Contains(regions, site.RegionId) {
			regions = append(regions, site.RegionId)
		}
		if !slices.Contains(profiles, site.Profile) {
			profiles = append(profiles, site.Profile)
		}
	}
	p.Regions, p.Profiles = len(regions) > 1, len(profiles) > 1
	p.Facts = []fact{
		{"Run", p.RunId}, {"Action", shown(s.Action)}, {"Region", shown(strings.Join(regions, ", "))}, {"Profile", shown(strings.Join(profiles, ", "))},
		{"Began", r.begin.UTC().Format("2006-01-02 15:04:05 UTC")}, {"Took", compact(r.end.Sub(r.begin))},
		{"Calls", r.callsText()}, {"Written by", "muster " + shown(r.Muster)},
	}
	p.Facts = slices.DeleteFunc(p.Facts, func(f fact) bool { return f.Text == "" })
	for _, call := range s.Invocations {
		p.Calls = append(p.Calls, invocation{
			shown(call.InvokeId), shown(call.CommandId), shown(call.RequestId), shown(call.Site.String()), shown(string(call.InvocationStatus)), len(call.InstanceIds),
		})
	}
	p.Timeline, p.places = newTimeline(r)
	p.Groups, p.of, p.Left = r.groups(most)
	return p
}

func (r *run) callsText() string {
	text := fmt.Sprintf("%d accepted", len(r.State.Invocations))
	if r.halved > 0 {
		text += fmt.Sprintf(", %d bisected", r.halved)
	}
	return text
}

// rules describes the conditions between the waves.
func (r *run) rules() string {
	var parts []string
	if r.Plan.MaxFailures != nil {
		parts = append(parts, fmt.Sprintf("At most %s may fail.", r.Plan.MaxFailures))
	}
	if limit := r.State.Fanout; limit > 0 {
		parts = append(parts, fmt.Sprintf("At most %d instances at a time.", limit))
	}
	if r.Plan.Gate != "" {
		parts = append(parts, "A command judged each wave.")
	}
	if r.Plan.Pause > 0 {
		parts = append(parts, fmt.Sprintf("A pause of %s between waves.", r.Plan.Pause))
	}
	if r.Plan.Confirm {
		parts = append(parts, "Each wave but the first was confirmed.")
	}
	return strings.Join(parts, " ")
}

// clock formats the time of day, with the date if the run lasts past midnight.
func (r *run) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	layout := "15:04:05"
	if t.Nanosecond() > 0 {
		layout = "15:04:05.000"
	}
	if day := r.begin.UTC().Truncate(24 * time.Hour); !r.end.UTC().Truncate(24 * time.Hour).Equal(day) {
		layout = "01-02 " + layout
	}
	return t.UTC().Format(layout)
}

// shown makes a text from elsewhere safe to show.
func shown(text string) string { return term.Sanitize(text) }

func (r *run) nameOf(t *fleet.TargetState) string { return shown(r.State.NameOf(t)) }
