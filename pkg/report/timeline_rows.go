package report

import "muster/pkg/fleet"

// block is consecutive lines of one wave and one cause.
type block struct {
	from, to int // the first line, and the one after the last
	failed   bool
}

func (r *run) blocks(order []int) []block {
	var all []block
	wave, cause := -1, fleet.Cause("")
	for line, i := range order {
		t := &r.State.Targets[i]
		if t.Wave != wave || t.Cause != cause {
			wave, cause = t.Wave, t.Cause
			all = append(all, block{from: line, failed: appearances()[appearanceIndex(cause)].Kind == kindFailure})
		}
		all[len(all)-1].to = line + 1
	}
	return all
}

// pick returns the line that each row of pixels shows, or all lines if they fit. It is the middle one of those that share the
// row, except for blocks that would have no row: they take one from a block that has several rows nearby, failures first.
func pick(blocks []block, rows int) []int {
	if len(blocks) == 0 {
		return nil
	}
	lines := blocks[len(blocks)-1].to
	rows = min(rows, lines)
	picked, of, taken := make([]int, rows), make([]int, rows), make([]int, len(blocks))
	b := 0
	for row := range picked {
		line := (2*row + 1) * lines / (2 * rows)
		for line >= blocks[b].to {
			b++
		}
		picked[row], of[row] = line, b
		taken[b]++
	}
	for _, failed := range []bool{true, false} {
		for b, block := range blocks {
			if block.failed != failed || taken[b] > 0 {
				continue
			}
			middle := (block.from + block.to) / 2
			if row, ok := spare(of, taken, middle*rows/lines); ok {
				taken[of[row]]--
				picked[row], of[row], taken[b] = middle, b, 1
			}
		}
	}
	return picked
}

// spare returns the row nearest to the given one whose block has other rows.
func spare(of, taken []int, row int) (int, bool) {
	const far = 3
	for away := range far + 1 {
		for _, near := range []int{row - away, row + away} {
			if near >= 0 && near < len(of) && taken[of[near]] > 1 {
				return near, true
			}
		}
	}
	return 0, false
}
