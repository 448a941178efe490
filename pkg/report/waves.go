package report

import (
	"time"
)

// wave is how one wave went.
type wave struct {
	Number int
	N      int
	Counts []count
	Began  string
	Ended  string
	Took   string
}

// count is how many ended in one way, as a part of a bar of all.
type count struct {
	look
	N        int
	X, Width float64 // percentages
	Thin     bool    // it may be narrower than a pixel, and is marked by a line of one pixel
	Shift    float64 // pixels by which the line is moved, so that those of neighbours do not hide each other
}

// thinShare is the percentage below which a part may be less than a pixel wide: the shortest bar has 112.
const thinShare = 0.9

func (r *run) countOf(in func(i int) bool) (counts []count, total int) {
	kinds := looks()
	numbers := make([]int, len(kinds))
	for i := range r.State.Targets {
		if in(i) {
			numbers[lookAt(r.State.Targets[i].Cause)]++
			total++
		}
	}
	x := 0.0
	for kind, n := range numbers {
		if n > 0 {
			width := 100 * float64(n) / float64(total)
			counts = append(counts, count{look: kinds[kind], N: n, X: x, Width: width, Thin: width < thinShare})
			x += width
		}
	}
	separate(counts)
	return counts, total
}

// separate moves the lines of thin neighbours beside each other, inside the bar.
func separate(counts []count) {
	for from := 0; from < len(counts); from++ {
		to := from
		for to < len(counts) && counts[to].Thin {
			to++
		}
		first := 0.5 - float64(to-from)/2 // around their place
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

// Middle is where a part's line stands.
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
			if told := r.toldAt(i); told.After(to) {
				to = told
			}
		}
		w.Began, w.Ended = r.moment(from), r.moment(to)
		if !from.IsZero() && to.After(from) {
			w.Took = compact(to.Sub(from))
		}
		all = append(all, w)
	}
	return all
}

// toldAt is when the run came to know of a target's end.
func (r *run) toldAt(i int) time.Time {
	t := &r.State.Targets[i]
	if told := r.told[place{at: t.InvokeId, id: t.InstanceId}]; !told.IsZero() {
		return told
	}
	return r.courses[i].ended
}

// compact is a time for eyes: to the millisecond below a second, and to the second from a minute on.
func compact(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return seconds(int64(d.Round(time.Second) / time.Second))
}
