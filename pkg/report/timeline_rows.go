package report

import "muster/pkg/fleet"

// block is lines of one wave and one cause that follow one another.
type block struct {
	from, to int // the first line, and the one behind the last
	failed   bool
}

func (r *run) blocks(order []int) []block {
	var all []block
	wave, cause := -1, fleet.Cause("")
	for line, i := range order {
		t := &r.State.Targets[i]
		if t.Wave != wave || t.Cause != cause {
			wave, cause = t.Wave, t.Cause
			all = append(all, block{from: line, failed: looks()[lookAt(cause)].Kind == kindFailure})
		}
		all[len(all)-1].to = line + 1
	}
	return all
}

// pick returns the line that each row of pixels shows, or all lines where there are no more than rows. It is the one in the
// middle of those that share the row, but for blocks that would have no row at all: they take one from a block that has
// several near them, failures first.
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

// spare returns the row next to one, or itself, whose block has others.
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
