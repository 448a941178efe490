package report

import (
	"fmt"
	"strconv"
)

// waveMark labels where the lines of a wave begin, or of several that are too thin for their own labels.
type waveMark struct {
	Line  float64 // the beginning of the first line, as a percentage
	Y     float64 // the top of the label
	Label string
	Title string
}

// labelHeight is the height of a label in pixels.
const labelHeight = 14

// waveMarks labels the waves of a picture of the given height in pixels. Labels neither overlap nor leave the picture: a wave
// whose label would do so shares that of the wave before.
func (r *run) waveMarks(order []int, height int) []waveMark {
	if r.State.Waves() < 2 {
		return nil
	}
	type span struct{ first, last, line, lines int }
	var marks []waveMark
	var shared span
	label := func() {
		if shared.lines == 0 {
			return
		}
		y := min(shared.line*height/len(order), height-labelHeight)
		name := "wave " + strconv.Itoa(shared.first)
		if shared.last > shared.first {
			name = fmt.Sprintf("waves %d–%d", shared.first, shared.last)
		}
		marks = append(marks, waveMark{
			100 * float64(shared.line) / float64(len(order)), 100 * float64(y) / float64(height), name,
			fmt.Sprintf("%s: %d instances", name, shared.lines),
		})
	}
	for line, i := range order {
		wave := r.State.Targets[i].Wave
		if wave == 0 {
			continue
		}
		if wave != shared.last {
			y, before := min(line*height/len(order), height-labelHeight), min(shared.line*height/len(order), height-labelHeight)
			if shared.lines == 0 || y-before >= labelHeight {
				label()
				shared = span{first: wave, line: line}
			}
			shared.last = wave
		}
		shared.lines++
	}
	label()
	return marks
}
