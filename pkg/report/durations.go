package report

import (
	"slices"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// bucket is a column of the heatMap map: durations from a number of seconds up to the next bucket.
type bucket struct {
	from  int64
	label string
}

func buckets() []bucket {
	return []bucket{
		{0, "<1s"}, {1, "1s"}, {2, "2–4s"}, {5, "5–9s"}, {10, "10–19s"}, {20, "20–29s"}, {30, "30–59s"}, {60, "1–2m"}, {120, "2–5m"},
		{300, "5–10m"}, {600, "10–30m"}, {1800, "30m–1h"}, {3600, "1–2h"}, {7200, "2–6h"}, {21600, "6–12h"}, {43200, "12–24h"}, {86400, "≥1d"},
	}
}

// bucketOf returns the index of a target's bucket. The index after all others is for targets without a duration.
func bucketOf(t *fleet.TargetState, all []bucket) int {
	d, ok := took(t)
	if !ok {
		return len(all)
	}
	seconds := int64(d / time.Second)
	i := 0
	for i+1 < len(all) && all[i+1].from <= seconds {
		i++
	}
	return i
}

// heatMap is the number of targets by cause and duration.
type heatMap struct {
	Columns []string
	Rows    []heatRow
}

type heatRow struct {
	appearance
	Cells []heatCell
	Total int
}

// heatCell is a figure, and a bar of a length in proportion to the largest figure.
type heatCell struct {
	Bucket, N int
	Width     float64 // a percentage
}

func newHeatMap(targets []fleet.TargetState) heatMap {
	edges, kinds := buckets(), appearances()
	counts := make([][]int, len(kinds))
	columns := make([]int, len(edges)+1)
	for i := range counts {
		counts[i] = make([]int, len(edges)+1)
	}
	most := 1
	for i := range targets {
		kind, b := appearanceIndex(targets[i].Cause), bucketOf(&targets[i], edges)
		counts[kind][b]++
		columns[b]++
		most = max(most, counts[kind][b])
	}
	var h heatMap
	first := slices.IndexFunc(columns[:len(edges)], func(n int) bool { return n > 0 })
	last := len(edges) - 1
	for last >= 0 && columns[last] == 0 {
		last--
	}
	var shown []int
	for b := first; first >= 0 && b <= last; b++ {
		shown, h.Columns = append(shown, b), append(h.Columns, edges[b].label)
	}
	if columns[len(edges)] > 0 {
		shown, h.Columns = append(shown, len(edges)), append(h.Columns, "no time")
	}
	for kind, row := range counts {
		r := heatRow{appearance: kinds[kind]}
		for _, b := range shown {
			r.Cells = append(r.Cells, heatCell{Bucket: b, N: row[b], Width: 100 * float64(row[b]) / float64(most)})
			r.Total += row[b]
		}
		if r.Total > 0 {
			h.Rows = append(h.Rows, r)
		}
	}
	return h
}

// distribution is the distribution of the durations.
type distribution struct {
	N       int
	Figures []fact // the shortest, the median, …
	Bars    []bar
	Step    string // the time range of a bar
	Ticks   []tick
	Most    int
}

// bar is a part of the distribution, in percentages of the picture.
type bar struct {
	X, Width float64
	Parts    []part
	Label    string

	n []int // the number by cause
}

// part is the part of a bar with one cause.
type part struct {
	appearance
	N       int
	Y, High float64
}

func (b *bar) total() int {
	all := 0
	for _, n := range b.n {
		all += n
	}
	return all
}

func newDistribution(targets []fleet.TargetState) distribution {
	kinds := appearances()
	var all []int64
	for i := range targets {
		if d, ok := took(&targets[i]); ok {
			all = append(all, int64(d/time.Second))
		}
	}
	slices.Sort(all)
	s := distribution{N: len(all)}
	if s.N == 0 {
		return s
	}
	for _, p := range []struct {
		name string
		part float64
	}{{"shortest", 0}, {"half", 0.5}, {"90 %", 0.9}, {"95 %", 0.95}, {"99 %", 0.99}, {"longest", 1}} {
		s.Figures = append(s.Figures, fact{p.name, seconds(all[int(p.part*float64(len(all)-1)+0.5)])})
	}
	const bars = 30
	from, to := all[0], all[len(all)-1]
	step := niceStep((to - from + bars - 1) / bars)
	from -= from % step
	n := int((to-from)/step) + 1
	s.Step, s.Bars = (time.Duration(step) * time.Second).String(), make([]bar, n)
	for i := range s.Bars {
		s.Bars[i].n = make([]int, len(kinds))
	}
	for i := range targets {
		if d, ok := took(&targets[i]); ok {
			s.Bars[(int64(d/time.Second)-from)/step].n[appearanceIndex(targets[i].Cause)]++
		}
	}
	for _, b := range s.Bars {
		s.Most = max(s.Most, b.total())
	}
	const widest = 12 // so that a single bar is not a wall
	width := min(100/float64(n), widest)
	for i := range s.Bars {
		s.Bars[i].place(i, width, s.Most, kinds)
		s.Bars[i].Label = seconds(from + int64(i)*step)
	}
	const labels = 6
	for i := 0; i < n; i += (n + labels - 1) / labels {
		s.Ticks = append(s.Ticks, tick{X: float64(i) * width, Label: s.Bars[i].Label})
	}
	return s
}

// place stacks the parts of a bar in proportion. A part is at least a pixel high, so that a single instance is visible next to
// thousands.
func (b *bar) place(i int, width float64, most int, kinds []appearance) {
	const pixel = 100.0 / 160 // of the picture's height in page.css
	b.X, b.Width = float64(i)*width, width*0.92
	y := 100.0
	for kind, n := range b.n {
		if n == 0 {
			continue
		}
		high := max(pixel, 97*float64(n)/float64(most))
		y -= high
		b.Parts = append(b.Parts, part{kinds[kind], n, y, high})
	}
}

// niceStep returns the smallest round time that is at least the given number of seconds.
func niceStep(least int64) int64 {
	const day = 86400
	for _, step := range []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200} {
		if step >= least {
			return step
		}
	}
	return (least + day - 1) / day * day
}

// seconds formats a duration of whole seconds.
func seconds(n int64) string {
	if n == 0 {
		return "<1s"
	}
	text := (time.Duration(n) * time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
