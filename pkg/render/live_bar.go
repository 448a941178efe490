package render

import (
	"math"
	"slices"
	"strings"

	"muster/pkg/fleet"
)

// bar returns cells in brackets: = succeeded, x failed, - left out or given up, > running, and . for what has not begun.
func (u *underWay) bar(s *fleet.State, style Style, cells int) string {
	counts := s.Counts()
	success := counts[string(fleet.CauseSuccess)]
	aside := counts[string(fleet.CauseSkipped)] + counts[string(fleet.CauseUnsent)] + counts[string(fleet.CauseUnknown)]
	parts := []struct {
		n     int
		mark  string
		paint func(string) string
	}{
		{success, "=", style.Paint.Good}, {u.ended - success - aside, "x", style.Paint.Bad}, {aside, "-", style.Paint.Warn},
		{u.running, ">", style.Paint.Bold}, {u.waiting + u.unsent, ".", style.Paint.Dim},
	}
	sizes := make([]int, len(parts))
	for i, part := range parts {
		sizes[i] = part.n
	}
	var b strings.Builder
	for i, n := range apportion(sizes, cells) {
		b.WriteString(parts[i].paint(strings.Repeat(parts[i].mark, n)))
	}
	return "[" + b.String() + "]"
}

// apportion divides the cells in proportion to the sizes, by rounding the cumulative shares. Each size that is not zero gets at
// least a cell, taken from the largest, so that a single failure among thousands is visible.
func apportion(sizes []int, cells int) []int {
	total := 0
	for _, n := range sizes {
		total += n
	}
	shares := make([]int, len(sizes))
	sum, end := 0, 0
	for i, n := range sizes {
		sum += n
		next := int(math.Round(float64(sum) * float64(cells) / float64(max(total, 1))))
		shares[i], end = next-end, next
	}
	for i, n := range sizes {
		if most := slices.Index(shares, slices.Max(shares)); n > 0 && shares[i] == 0 && shares[most] > 1 {
			shares[i]++
			shares[most]--
		}
	}
	return shares
}
