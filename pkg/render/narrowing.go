package render

import (
	"slices"

	"muster/pkg/term"
)

// narrowing says what a table gives up to fit a terminal. Columns are named by their titles.
type narrowing struct {
	drop []string // columns that are left out, the first of them first
	cut  []string // columns whose cells are cut to what room there is, the first of them first
}

// leastColumn is how narrow a column becomes before another one is left out.
const leastColumn = 8

// narrow makes the columns fit a width: it leaves out columns, and then cuts those that may be cut. As a last resort it cuts all.
func (c *columns) narrow(width int, fit narrowing, header []string) {
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
			c.widths[i] = -1
		}
	}
	for _, i := range cut {
		if over := c.total() - width; over > 0 && c.widths[i] > leastColumn {
			c.widths[i] = max(leastColumn, c.widths[i]-over)
		}
	}
	for c.total() > width && slices.Max(c.widths) > 1 {
		c.widths[slices.Index(c.widths, slices.Max(c.widths))]--
	}
	c.cut = true
}

// narrowed returns a row with cells that fit, without the columns that are left out.
func (c *columns) narrowed(row []string) []string {
	var cells []string
	for i, text := range row {
		if c.widths[i] >= 0 {
			cells = append(cells, c.cutTo(text, c.widths[i]))
		}
	}
	return cells
}

// total returns the width of the table.
func (c *columns) total() int {
	total := -len(gap)
	for _, width := range c.widths {
		if width >= 0 {
			total += width + len(gap)
		}
	}
	return total
}

// least returns the width of the table when all has been cut that may be.
func (c *columns) least(cut []int) int {
	least := c.total()
	for _, i := range cut {
		least -= max(0, c.widths[i]-leastColumn)
	}
	return least
}

// cutTo cuts the text of a cell to a width, and leaves its colour.
func (c *columns) cutTo(painted string, width int) string {
	if c.wide.String(painted) <= width {
		return painted
	}
	begin, text, end := term.CutColour(painted)
	return begin + c.wide.TruncateString(text, width, "…") + end
}
