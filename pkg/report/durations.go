package report

import (
	"math"
	"slices"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// bucket is a column of the heat map: what took from so many seconds on, and less than the next one.
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

// bucketOf is the number of a target's bucket; that behind all others is for what has no duration.
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

// heat is how many ended in which way after which time.
type heat struct {
	Columns []string
	Rows    []heatRow
}

type heatRow struct {
	look
	Cells []heatCell
	Total int
}

// heatCell is a figure, and how much of it there is, from 0 to 5.
type heatCell struct{ Bucket, N, Level int }

func newHeat(targets []fleet.TargetState) heat {
	edges, kinds := buckets(), looks()
	counts := make([][]int, len(kinds))
	columns := make([]int, len(edges)+1)
	for i := range counts {
		counts[i] = make([]int, len(edges)+1)
	}
	most := 1
	for i := range targets {
		kind, b := lookAt(targets[i].Cause), bucketOf(&targets[i], edges)
		counts[kind][b]++
		columns[b]++
		most = max(most, counts[kind][b])
	}
	var h heat
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
		r := heatRow{look: kinds[kind]}
		for _, b := range shown {
			r.Cells = append(r.Cells, heatCell{Bucket: b, N: row[b], Level: level(row[b], most)})
			r.Total += row[b]
		}
		if r.Total > 0 {
			h.Rows = append(h.Rows, r)
		}
	}
	return h
}

// level goes by the logarithm, so that a few beside thousands are seen.
func level(n, most int) int {
	const levels = 5
	return int(math.Ceil(levels * math.Log1p(float64(n)) / math.Log1p(float64(most))))
}

// spread is how the durations are distributed.
type spread struct {
	N       int
	Figures []fact // the shortest, the median, …
	Bars    []bar
	Step    string // how much time a bar stands for
	Ticks   []tick
	Most    int
}

// bar is a part of the distribution, as percentages of a picture.
type bar struct {
	X, Width        float64
	Good, Other     int
	GoodY, GoodHigh float64
	RestY, RestHigh float64
	Label           string
}

func newSpread(targets []fleet.TargetState) spread {
	var good, other []int64
	for i := range targets {
		d, ok := took(&targets[i])
		switch seconds := int64(d / time.Second); {
		case ok && targets[i].Cause == fleet.CauseSuccess:
			good = append(good, seconds)
		case ok:
			other = append(other, seconds)
		}
	}
	all := slices.Concat(good, other)
	slices.Sort(all)
	s := spread{N: len(all)}
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
	for _, seconds := range good {
		s.Bars[(seconds-from)/step].Good++
	}
	for _, seconds := range other {
		s.Bars[(seconds-from)/step].Other++
	}
	for _, b := range s.Bars {
		s.Most = max(s.Most, b.Good+b.Other)
	}
	const widest = 12 // so that a single one is no wall
	width := min(100/float64(n), widest)
	for i := range s.Bars {
		s.Bars[i].place(i, width, s.Most)
		s.Bars[i].Label = seconds(from + int64(i)*step)
	}
	for i := 0; i < n; i += max(1, n/6) {
		s.Ticks = append(s.Ticks, tick{X: float64(i) * width, Label: s.Bars[i].Label})
	}
	return s
}

// place draws a bar so that a single instance is seen beside thousands.
func (b *bar) place(i int, width float64, most int) {
	high := func(n int) float64 {
		if n == 0 {
			return 0
		}
		const least = 1.5
		return max(least, 97*float64(n)/float64(most))
	}
	b.X, b.Width = float64(i)*width, width*0.92
	b.GoodHigh, b.RestHigh = high(b.Good), high(b.Other)
	b.GoodY = 100 - b.GoodHigh
	b.RestY = b.GoodY - b.RestHigh
}

// niceStep is the least time of a clock's kind that is not less than some seconds.
func niceStep(least int64) int64 {
	const day = 86400
	for _, step := range []int64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200} {
		if step >= least {
			return step
		}
	}
	return (least + day - 1) / day * day
}

// seconds is what times to the second allow to say.
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
