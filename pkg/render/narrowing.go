package render

import (
	"slices"

	"muster/pkg/term"
)

// narrowing says what a table gives up to fit a terminal. Columns are named by their titles.
type narrowing struct {
	drop []string // columns that are left out, the first of them first
	cut  []string // columns whose cells are cut to what room there is
}

// leastColumn is how narrow a column becomes before another one is left out.
const leastColumn = 12

// narrow makes the columns fit a width: it leaves out columns, and then cuts the widest of those that may be cut. As a last
// resort it cuts all.
func (c *columns) narrow(width int, fit narrowing, header []string) {
	c.cut = make([]bool, len(c.widths))
	for i := range c.widths {
		c.cut[i] = i < len(header) && slices.Contains(fit.cut, header[i])
	}
	for _, title := range fit.drop {
		if c.least() <= width {
			break
		}
		if i := slices.Index(header, title); i >= 0 {
			c.widths[i] = -1
		}
	}
	if c.shrink(width, leastColumn); c.total() > width {
		for i := range c.cut {
			c.cut[i] = true
		}
		c.shrink(width, 1)
	}
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
func (c *columns) least() int {
	least := c.total()
	for i, width := range c.widths {
		if c.cut[i] {
			least -= max(0, width-leastColumn)
		}
	}
	return least
}

// shrink cuts the columns that may be cut and are wider than least, the widest first.
func (c *columns) shrink(width, least int) {
	for over := c.total() - width; over > 0; over = c.total() - width {
		widest, next := least, least
		for i, w := range c.widths {
			if c.cut[i] && w > widest {
				widest, next = w, widest
			} else if c.cut[i] && w < widest {
				next = max(next, w)
			}
		}
		if widest == least {
			return
		}
		for i, w := range c.widths {
			if c.cut[i] && w == widest && over > 0 {
				c.widths[i] -= min(over, widest-next)
				over -= widest - next
			}
		}
	}
}

// cutTo cuts the text of a cell to a width, and leaves its colour.
func (c *columns) cutTo(painted string, width int) string {
	if c.wide.String(painted) <= width {
		return painted
	}
	begin, text, end := term.CutColour(painted)
	return begin + c.wide.TruncateString(text, width, "…") + end
}
