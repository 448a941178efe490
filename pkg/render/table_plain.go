package render

import "github.com/olekukonko/tablewriter/pkg/twwidth"

// plainRow returns a row as tablewriter lays it out, without spaces at the end, and reports whether it can: each cell must be
// printable ASCII, and fit its column. Laying out such a row takes tablewriter fifty times as long.
func (c widths) plainRow(line []byte, row []string) ([]byte, bool) {
	if len(row) != len(c) {
		return nil, false
	}
	line = line[:0]
	for i, text := range row {
		if c[i] < 0 {
			continue
		}
		if len(text) > c[i] || !printableASCII(text) {
			return nil, false
		}
		line = append(line, text...)
		for range max(1, c[i]) - len(text) {
			line = append(line, ' ')
		}
		line = append(line, gap...)
	}
	return line, true
}

// printableASCII reports whether a text is as wide as it is long.
func printableASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// cellWidth returns the width of a cell on a terminal.
func cellWidth(text string) int {
	if printableASCII(text) {
		return len(text)
	}
	return twwidth.Width(text)
}
