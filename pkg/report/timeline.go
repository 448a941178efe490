package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// timeline is a line for each target: the call, the wait, and the script. Its lines are the waves' in their order, and in
// each the targets in the order in which they were sent and began.
type timeline struct {
	Span   int64 // milliseconds
	Lines  int
	Height int     // of the picture
	Stroke float64 // of a line
	Paths  []path
	Ticks  []tick
	Gates  []tick
	Labels []tick // at their place from the top
	Waves  []tick // where a wave's lines begin
	Never  int    // targets that nothing was sent to
}

// path is all that is of one kind, as one drawing: ten thousand lines are few elements.
type path struct{ Class, D string }

// tick is a text at a percentage.
type tick struct {
	X     float64
	Label string
}

// drawn is a course as it can be drawn, in milliseconds from the run's beginning: in order, though the service's times are
// to the second and its clock is not muster's; -1 is for what did not happen.
type drawn [4]int64

func draw(c course, begin, end time.Time) drawn {
	d := drawn{-1, -1, -1, -1}
	if c.sent.IsZero() && c.accepted.IsZero() && c.started.IsZero() {
		return d
	}
	span := end.Sub(begin).Milliseconds()
	before := int64(0)
	for i, at := range []time.Time{c.sent, c.accepted, c.started, c.ended} {
		if !at.IsZero() {
			before = min(max(before, at.Sub(begin).Milliseconds()), span)
			d[i] = before
		}
	}
	return d
}

// list is the course as the page has it with each row.
func (d drawn) list() string {
	parts := make([]string, len(d))
	for i, at := range d {
		parts[i] = strconv.FormatInt(at, 10)
	}
	return strings.Join(parts, " ")
}

const (
	lineHeight  = 16  // where there is room
	mostHeight  = 640 // of the picture
	leastHeight = 64
)

// newTimeline gives the picture, and the line of each target in it.
func newTimeline(r *run) (timeline, []int) {
	targets, begin, end := r.State.Targets, r.begin, r.end
	n := len(targets)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(targets[a].Wave, targets[b].Wave), compareDrawn(r.drawn[a], r.drawn[b]))
	})
	t := timeline{Span: max(1, end.Sub(begin).Milliseconds()), Lines: n, Height: min(max(n*lineHeight, leastHeight), mostHeight)}
	t.Stroke = max(1.2, 0.6*float64(t.Height)/float64(max(1, n)))
	t.Stroke = min(t.Stroke, lineHeight*0.6)
	places := make([]int, n)
	drawing := newDrawing(t.Span)
	for line, i := range order {
		places[i] = line
		if r.drawn[i] == (drawn{-1, -1, -1, -1}) {
			t.Never++
		}
		drawing.add(line, r.drawn[i], targets[i].Cause)
		r.label(&t, line, i, n)
	}
	t.Paths, t.Ticks = drawing.paths(), axis(t.Span)
	for _, h := range r.happened {
		if h.Wave > 0 {
			t.Gates = append(t.Gates, tick{100 * float64(h.At.Sub(begin).Milliseconds()) / float64(t.Span), h.What})
		}
	}
	return t, places
}

// label names a line where there is room for names, and else where a wave begins.
func (r *run) label(t *timeline, line, i, n int) {
	at := 100 * float64(line) / float64(n)
	if wave := r.State.Targets[i].Wave; r.State.Waves() > 1 && wave > 0 && len(t.Waves) < wave {
		t.Waves = append(t.Waves, tick{at, "wave " + strconv.Itoa(wave)})
	}
	if n*lineHeight <= mostHeight {
		t.Labels = append(t.Labels, tick{at + 50/float64(n), r.nameOf(&r.State.Targets[i])})
	}
}

func compareDrawn(a, b drawn) int {
	for i := range a {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// drawing gathers lines by their kind. What is short is drawn as long as it has to be for an eye.
type drawing struct {
	least, span int64
	kinds       []string
	of          map[string]*strings.Builder
}

func newDrawing(span int64) *drawing {
	return &drawing{
		least: max(1, span/300), span: span, of: map[string]*strings.Builder{},
		kinds: []string{"call", "wait", "good", "open", "left", "late", "lost", "bad"}, // what matters most is drawn last
	}
}

func (d *drawing) add(line int, c drawn, cause fleet.Cause) {
	sent, accepted, started, ended := c[0], c[1], c[2], c[3]
	if accepted >= 0 && sent >= 0 {
		d.line("call", line, sent, accepted)
	}
	end := ended
	if end < 0 {
		end = d.span // it lasts, or nobody saw it end
	}
	from := max(accepted, sent)
	family := looks()[lookAt(cause)].Family
	switch {
	case started >= 0:
		if from >= 0 {
			d.line("wait", line, from, started)
		}
		d.line(family, line, started, max(end, started+d.least))
	case from >= 0:
		d.line("wait", line, from, end)
		d.line(family, line, end-d.least, end)
	}
}

func (d *drawing) line(kind string, line int, from, to int64) {
	if from >= to {
		return
	}
	b := d.of[kind]
	if b == nil {
		b = new(strings.Builder)
		d.of[kind] = b
	}
	b.WriteString("M" + strconv.FormatInt(max(0, from), 10) + " " + strconv.Itoa(line) + ".5H" + strconv.FormatInt(to, 10))
}

func (d *drawing) paths() []path {
	var all []path
	for _, kind := range d.kinds {
		if b := d.of[kind]; b != nil {
			all = append(all, path{kind, b.String()})
		}
	}
	return all
}

// axis marks times from the run's beginning.
func axis(span int64) []tick {
	const marks = 6
	step := int64(1)
	if span >= marks*1000 {
		step = niceStep(span/1000/marks) * 1000
	} else {
		for _, next := range []int64{10, 20, 50, 100, 200, 500, 1000} {
			if step = next; step*marks >= span {
				break
			}
		}
	}
	var ticks []tick
	for at := int64(0); at <= span*97/100; at += step {
		text := "0"
		if at > 0 {
			text = "+" + compact(time.Duration(at)*time.Millisecond)
		}
		ticks = append(ticks, tick{100 * float64(at) / float64(span), text})
	}
	return ticks
}
