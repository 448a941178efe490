package report

import (
	"time"
)

// wave is the outcome of one wave.
type wave struct {
	Number int
	N      int
	Counts []count
	Began  string
	Ended  string
	Took   string
}

// count is the number of targets with one cause, as a part of a bar of all.
type count struct {
	appearance
	N        int
	X, Width float64 // percentages
	Thin     bool    // it may be narrower than a pixel, and is marked by a line of one pixel
	Shift    float64 // pixels by which the line is moved, so that neighbouring lines do not hide each other
}

// thinShare is the percentage below which a part may be narrower than a pixel: the shortest bar has 112.
const thinShare = 0.9

func (r *run) countOf(in func(i int) bool) (counts []count, total int) {
	kinds := appearances()
	numbers := make([]int, len(kinds))
	for i := range r.State.Targets {
		if in(i) {
			numbers[appearanceIndex(r.State.Targets[i].Cause)]++
			total++
		}
	}
	x := 0.0
	for kind, n := range numbers {
		if n > 0 {
			width := 100 * float64(n) / float64(total)
			counts = append(counts, count{appearance: kinds[kind], N: n, X: x, Width: width, Thin: width < thinShare})
			x += width
		}
	}
	separate(counts)
	return counts, total
}

// separate moves the lines of thin neighbours next to each other, inside the bar.
func separate(counts []count) {
	for from := 0; from < len(counts); from++ {
		to := from
		for to < len(counts) && counts[to].Thin {
			to++
		}
		first := 0.5 - float64(to-from)/2 // around their position
		switch {
		case to == len(counts):
			first = 0.5 - float64(to-from) // before the bar's end
		case from == 0:
			first = 0.5
		}
		for i := from; i < to; i++ {
			counts[i].Shift = first + float64(i-from)
		}
		from = to
	}
}

// Middle returns the position of a part's line.
func (c count) Middle() float64 { return c.X + c.Width/2 }

func (r *run) waveList() []wave {
	var all []wave
	for number := 1; number <= r.State.Waves(); number++ {
		w := wave{Number: number}
		var from, to time.Time
		w.Counts, w.N = r.countOf(func(i int) bool { return r.State.Targets[i].Wave == number })
		for i, c := range r.courses {
			if r.State.Targets[i].Wave != number {
				continue
			}
			if !c.sent.IsZero() && (from.IsZero() || c.sent.Before(from)) {
				from = c.sent
			}
			if known := r.knownAt(i); known.After(to) {
				to = known
			}
		}
		w.Began, w.Ended = r.clock(from), r.clock(to)
		if !from.IsZero() && to.After(from) {
			w.Took = compact(to.Sub(from))
		}
		all = append(all, w)
	}
	return all
}

// knownAt returns when the run learned of a target's end.
func (r *run) knownAt(i int) time.Time {
	t := &r.State.Targets[i]
	if known := r.known[targetKey{at: t.InvokeId, id: t.InstanceId}]; !known.IsZero() {
		return known
	}
	return r.courses[i].ended
}

// compact formats a duration: in milliseconds below a second, and in seconds from a minute on.
func compact(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return seconds(int64(d.Round(time.Second) / time.Second))
}
