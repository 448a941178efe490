package render

import "slices"

// narrowing lists the columns that a table leaves out or shortens to fit a terminal. Columns are named by their titles.
type narrowing struct {
	drop []string // columns to leave out, in this order
	cut  []string // columns whose cells may be truncated, in this order
}

// leastColumn is the width to which a column is truncated before another one is left out.
const leastColumn = 8

// widths are the widths of a table's columns. A column that is left out has a negative one.
type widths []int

// widen makes the columns at least as wide as a row's cells.
func (c *widths) widen(row []string) {
	for i, text := range row {
		if i == len(*c) {
			*c = append(*c, 0)
		}
		(*c)[i] = max((*c)[i], cellWidth(text))
	}
}

// narrow makes the columns fit a width: it leaves out columns, and then narrows those that may be cut. As a last resort it
// narrows all of them.
func (c widths) narrow(width int, fit narrowing, header []string) {
	var cut []int
	for _, title := range fit.cut {
		if i := slices.Index(header, title); i >= 0 {
			cut = append(cut, i)
		}
	}
	for _, title := range fit.drop {
		if c.least(cut) <= width {
			break
		}
		if i := slices.Index(header, title); i >= 0 {
			c[i] = -1
		}
	}
	for _, i := range cut {
		if over := c.total() - width; over > 0 && c[i] > leastColumn {
			c[i] = max(leastColumn, c[i]-over)
		}
	}
	for c.total() > width && slices.Max(c) > 1 {
		c[slices.Index(c, slices.Max(c))]--
	}
}

// kept returns the widths of the columns that are not left out.
func (c widths) kept() []int { return keep(c, c) }

// keep returns the items of the columns that are not left out.
func keep[T any](c widths, items []T) []T {
	kept := make([]T, 0, len(items))
	for i, item := range items {
		if c[i] >= 0 {
			kept = append(kept, item)
		}
	}
	return kept
}

// total returns the width of the table.
func (c widths) total() int {
	total := -len(gap)
	for _, width := range c.kept() {
		total += width + len(gap)
	}
	return total
}

// least returns the width of the table if the columns to cut are as narrow as they may be.
func (c widths) least(cut []int) int {
	least := c.total()
	for _, i := range cut {
		least -= max(0, c[i]-leastColumn)
	}
	return least
}
