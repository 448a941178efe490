package render

import (
	"bytes"
	"cmp"
	"io"
	"iter"
	"math"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"muster/pkg/term"
)

// gap is what stands between columns.
const gap = "  "

// writeTable writes columns under a header, with nothing but space between them and none at a line's end, so that the
// table is as good for eyes as for awk. It goes through the rows twice, first for the columns' widths, and holds none.
func writeTable(w io.Writer, style Style, header []string, rows iter.Seq[[]string]) error {
	return writeNarrowTable(w, style, narrowing{}, header, rows)
}

// writeNarrowTable is writeTable for a table that is made to fit a terminal, unless it is a wide one.
func writeNarrowTable(w io.Writer, style Style, fit narrowing, header []string, rows iter.Seq[[]string]) error {
	if style.markdown != nil {
		return style.markdown.table(w, header, rows)
	}
	lines := newColumns(w, style.Paint.Bold)
	lines.widen(header)
	rows = harmlessRows(rows)
	for row := range rows {
		lines.widen(row)
	}
	if style.Width > 0 && !style.wide {
		lines.narrow(style.Width, fit, header)
	}
	unbounded := tw.NewMapper[int, int]()
	for i := range header {
		unbounded.Set(i, math.MaxInt16)
	}
	asItIs := tw.CellConfig{Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapTruncate}}
	table := tablewriter.NewTable(w,
		tablewriter.WithRenderer(lines),
		tablewriter.WithConfig(tablewriter.Config{Header: asItIs, Row: asItIs}),
		tablewriter.WithStreaming(tw.StreamConfig{Enable: true}),
		tablewriter.WithWidths(tw.CellWidth{PerColumn: unbounded}))
	if err := table.Start(); err != nil {
		return err
	}
	table.Header(header)
	for row := range rows { // which are many: table.Append takes ten times as long to come to the same
		lines.Row(row, tw.Formatting{})
		if lines.err != nil {
			return lines.err
		}
	}
	return cmp.Or(table.Close(), lines.err)
}

// harmlessRows returns the rows with cells that a terminal does not obey but for their colours.
func harmlessRows(rows iter.Seq[[]string]) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for row := range rows {
			for i, text := range row {
				row[i] = harmless(text)
			}
			if !yield(row) {
				return
			}
		}
	}
}

// harmless returns a cell on one line, without what a terminal obeys but for the colour around it.
func harmless(painted string) string {
	begin, text, end := term.CutColour(painted)
	if text == "" {
		return painted
	}
	return begin + cell(text) + end
}

// columns render a table whose widths are known, and keep the first error, which the table does not look at. The library's
// own renderer, which has the rest to do, looks four times how wide each cell is.
type columns struct {
	*renderer.Blueprint
	w      io.Writer
	paint  func(string) string // of the header
	wide   displaywidth.Options
	widths []int
	cut    bool // cells may be wider than their columns
	line   []byte
	err    error
}

func newColumns(w io.Writer, paint func(string) string) *columns {
	return &columns{
		Blueprint: renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		}),
		w: w, paint: paint, wide: displaywidth.Options{ControlSequences: true, EastAsianWidth: twwidth.IsEastAsian()},
	}
}

// widen makes room for a row.
func (c *columns) widen(row []string) {
	for i, text := range row {
		if i == len(c.widths) {
			c.widths = append(c.widths, 0)
		}
		c.widths[i] = max(c.widths[i], c.wide.String(text))
	}
}

// layOut gives a row's line, which is good until the next one.
func (c *columns) layOut(row []string) []byte {
	c.line = c.line[:0]
	room := 0 // up to the cell
	for i, text := range row {
		if c.widths[i] < 0 { // left out
			continue
		}
		if text == "" {
			room += c.widths[i] + len(gap)
			continue
		}
		if c.cut {
			text = c.cutTo(text, c.widths[i])
		}
		c.line = append(c.line, strings.Repeat(" ", room)...)
		c.line = append(c.line, text...)
		room = c.widths[i] - c.wide.String(text) + len(gap)
	}
	return bytes.TrimRight(c.line, " ")
}

func (c *columns) write(line []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(append(line, '\n'))
	}
}

// Header writes the header.
func (c *columns) Header(rows [][]string, _ tw.Formatting) {
	for _, row := range rows {
		c.write([]byte(c.paint(string(c.layOut(row)))))
	}
}

// Row writes a row.
func (c *columns) Row(row []string, _ tw.Formatting) { c.write(c.layOut(row)) }
