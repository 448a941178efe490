package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/fleet"
)

// timeline has a line for each target: the call, the wait, and the script. Its lines are ordered by wave, and in each wave the
// targets by when they were sent and began. If there are more lines than pixels, those of a wave are sorted by cause, and each
// row of pixels shows one of its lines, so that a share of the targets has the same share of the picture.
type timeline struct {
	Span   int64 // milliseconds
	Lines  int
	Height int     // of the picture
	Stroke float64 // the width of a line
	Paths  []path
	Ticks  []tick
	Gates  []tick
	Labels []tick // at their position from the top
	Waves  []waveMark
	Never  int // the number of targets that nothing was sent to
}

// Crowded reports whether there are so many gates that they would hide the lines.
func (t timeline) Crowded() bool { return len(t.Gates) > 12 }

// path is everything of one kind as one drawing, so that ten thousand lines are few elements.
type path struct{ Class, D string }

// tick is a text at a percentage.
type tick struct {
	X     float64
	Label string
}

// Last reports whether the text has to end at its position, because it would leave the picture.
func (t tick) Last() bool { return t.X > 88 }

// Short returns the label, or its end after an ellipsis if it is too long for its place beside the timeline. Names differ at
// their ends.
func (t tick) Short() string {
	const columns = 22
	if displaywidth.String(t.Label) <= columns {
		return t.Label
	}
	runes := []rune(t.Label)
	from, left := len(runes), columns-1
	for from > 0 && displaywidth.Rune(runes[from-1]) <= left {
		from--
		left -= displaywidth.Rune(runes[from])
	}
	return "…" + string(runes[from:])
}

// drawn is a course in milliseconds from the run's beginning, put into order, because the service's times are in whole seconds
// and its clock is not muster's. A time is -1 if it did not happen.
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

// list returns the course in the form of the page's rows.
func (d drawn) list() string {
	parts := make([]string, len(d))
	for i, at := range d {
		parts[i] = strconv.FormatInt(at, 10)
	}
	return strings.Join(parts, " ")
}

const (
	lineHeight  = 16  // if there is room
	mostHeight  = 640 // of the picture
	leastHeight = 64
)

// newTimeline returns the picture, and the line of each target in it.
func newTimeline(r *run) (timeline, []int) {
	targets, begin, end := r.State.Targets, r.begin, r.end
	n := len(targets)
	order := r.order()
	t := timeline{Span: max(1, end.Sub(begin).Milliseconds()), Lines: n, Height: min(max(n*lineHeight, leastHeight), mostHeight)}
	t.Stroke = min(max(1, 0.6*float64(t.Height)/float64(max(1, n))), lineHeight*0.6)
	places := make([]int, n)
	drawing := newDrawing(t.Span)
	for line, i := range order {
		places[i] = line
		if r.drawn[i] == (drawn{-1, -1, -1, -1}) {
			t.Never++
		}
		if n*lineHeight <= mostHeight {
			t.Labels = append(t.Labels, tick{100 * (float64(line) + 0.5) / float64(n), r.nameOf(&targets[i])})
		}
	}
	for row, line := range pick(r.blocks(order), t.Height) {
		y := float64(line) + 0.5
		if n > t.Height {
			y = (float64(row) + 0.5) * float64(n) / float64(t.Height)
		}
		drawing.add(y, r.drawn[order[line]], targets[order[line]].Cause)
	}
	t.Waves = r.waveMarks(order, t.Height)
	t.Paths, t.Ticks = drawing.paths(), axis(t.Span)
	for _, h := range r.milestones {
		if h.Wave > 0 {
			t.Gates = append(t.Gates, tick{100 * float64(h.At.Sub(begin).Milliseconds()) / float64(t.Span), h.What})
		}
	}
	return t, places
}

// order returns the targets' order from the top.
func (r *run) order() []int {
	targets := r.State.Targets
	order := make([]int, len(targets))
	for i := range order {
		order[i] = i
	}
	together := len(targets) > mostHeight
	slices.SortStableFunc(order, func(a, b int) int {
		if c := cmp.Compare(targets[a].Wave, targets[b].Wave); c != 0 {
			return c
		}
		if together && targets[a].Cause != targets[b].Cause {
			return cmp.Compare(appearanceIndex(targets[a].Cause), appearanceIndex(targets[b].Cause))
		}
		return compareDrawn(r.drawn[a], r.drawn[b])
	})
	return order
}

func compareDrawn(a, b drawn) int {
	for i := range a {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// drawing collects lines by kind. Short lines are drawn long enough to be visible.
type drawing struct {
	least, span int64
	kinds       []string
	of          map[string]*strings.Builder
}

func newDrawing(span int64) *drawing {
	kinds := []string{"call", "wait"}
	for _, appearance := range appearances() {
		kinds = append(kinds, appearance.Class)
	}
	return &drawing{
		least: max(1, span/300), span: span, of: map[string]*strings.Builder{},
		kinds: kinds,
	}
}

func (d *drawing) add(y float64, c drawn, cause fleet.Cause) {
	sent, accepted, started, ended := c[0], c[1], c[2], c[3]
	if accepted >= 0 && sent >= 0 {
		d.line("call", y, sent, accepted)
	}
	end := ended
	if end < 0 {
		end = d.span // it is still running, or its end is unknown
	}
	from := max(accepted, sent)
	class := appearances()[appearanceIndex(cause)].Class
	switch {
	case started >= 0:
		if from >= 0 {
			d.line("wait", y, from, started)
		}
		d.line(class, y, started, max(end, started+d.least))
	case from >= 0:
		d.line("wait", y, from, end)
		d.line(class, y, end-d.least, end)
	}
}

func (d *drawing) line(kind string, y float64, from, to int64) {
	if from >= to {
		return
	}
	b := d.of[kind]
	if b == nil {
		b = new(strings.Builder)
		d.of[kind] = b
	}
	b.WriteString("M" + strconv.FormatInt(max(0, from), 10) + " " + strconv.FormatFloat(y, 'f', -1, 64) + "H" + strconv.FormatInt(to, 10))
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

// axis returns ticks of times from the run's beginning.
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
