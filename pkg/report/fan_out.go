package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// fanOut is the number of instances that a run was sent to at a time: from the call until muster knew of the end. Its picture
// has the timeline's span, and the limit at the top.
type fanOut struct {
	Limit, Most int
	Height      int // the picture's scale: the larger of the two
	D           string
	Ticks       []tick
}

// fanOutColumns is the largest number of columns of the picture. Each shows the highest figure of its time range.
const fanOutColumns = 720

// newFanOut returns nil for a run without a fan-out.
func newFanOut(r *run) *fanOut {
	if r.State.Fanout == 0 {
		return nil
	}
	span := max(1, r.end.Sub(r.begin).Milliseconds())
	type change struct {
		at int64
		by int
	}
	var changes []change
	for i := range r.courses {
		c := &r.courses[i]
		if c.sent.IsZero() {
			continue
		}
		changes = append(changes, change{c.sent.Sub(r.begin).Milliseconds(), 1})
		if known := c.known; !known.IsZero() {
			changes = append(changes, change{known.Sub(r.begin).Milliseconds(), -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	columns := make([]int, min(span, fanOutColumns))
	f := &fanOut{Limit: r.State.Fanout, Ticks: axis(span)}
	now, next := 0, 0
	for column := range columns {
		columns[column] = now
		until := span * int64(column+1) / int64(len(columns))
		for ; next < len(changes) && (changes[next].at < until || column == len(columns)-1); next++ {
			now += changes[next].by
			columns[column] = max(columns[column], now)
		}
		f.Most = max(f.Most, columns[column])
	}
	f.Height = max(f.Limit, f.Most)
	f.D = steps(columns, span, f.Height)
	return f
}

// steps draws columns, each as high as its figure, in a picture of the given width and height.
func steps(columns []int, width int64, height int) string {
	var d strings.Builder
	fmt.Fprintf(&d, "M0 %d", height)
	last := -1
	for i, n := range columns {
		if n != last {
			fmt.Fprintf(&d, "H%dV%d", width*int64(i)/int64(len(columns)), height-n)
			last = n
		}
	}
	fmt.Fprintf(&d, "H%dV%dZ", width, height)
	return d.String()
}

// Top returns the position of the limit, from the top of the picture.
func (f *fanOut) Top() float64 { return 100 * (1 - float64(f.Limit)/float64(f.Height)) }
