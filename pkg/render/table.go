package render

import (
	"bytes"
	"cmp"
	"io"
	"iter"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"muster/pkg/term"
)

// gap separates columns.
const gap = "  "

// writeTable writes a header and rows in columns that only spaces separate, so that awk reads the table, too. On a terminal it
// narrows the table to the terminal's width, unless the style is wide. It iterates over the rows twice, first to measure them,
// and does not keep them.
func writeTable(w io.Writer, style Style, fit narrowing, header []string, rows iter.Seq[[]string]) error {
	if style.markdown != nil {
		return style.markdown.table(w, header, rows)
	}
	var columns widths
	columns.widen(header)
	rows = harmlessRows(rows)
	for row := range rows {
		columns.widen(row)
	}
	if style.Width > 0 && !style.wide {
		columns.narrow(style.Width, fit, header)
	}
	return columns.write(w, style, header, rows)
}

// write writes a table with these widths. It leaves out columns and truncates cells where they have been narrowed.
func (c widths) write(w io.Writer, style Style, header []string, rows iter.Seq[[]string]) error {
	lines := &tableLines{w: w, paintHeader: style.Paint.Bold}
	table := newTable(lines, c.kept())
	if err := table.Start(); err != nil {
		return err
	}
	table.Header(keep(c, header))
	var line []byte
	for row := range rows {
		var err error
		if plain, ok := c.plainRow(line, row); ok {
			_, err = lines.Write(plain)
			line = plain
		} else {
			err = table.Append(keep(c, row))
		}
		if err := cmp.Or(err, lines.err); err != nil {
			return err
		}
	}
	return cmp.Or(table.Close(), lines.err)
}

// newTable returns a table without lines, whose columns have the given widths.
func newTable(w io.Writer, columns []int) *tablewriter.Table {
	total := tw.NewMapper[int, int]()
	padding := make([]tw.Padding, len(columns))
	for i, width := range columns {
		padding[i] = tw.Padding{Right: gap, Overwrite: true}
		if i == len(columns)-1 {
			padding[i].Right = ""
		}
		total.Set(i, max(1, width)+len(padding[i].Right))
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapTruncate},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{PerColumn: padding},
	}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells}),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithStreaming(tw.StreamConfig{Enable: true}),
		tablewriter.WithColumnWidths(total))
}

// tableLines writes the lines of a table, of which each Write is one, without spaces at the end. It paints the first line and
// keeps the first error, because the table ignores errors of its writer.
type tableLines struct {
	w           io.Writer
	paintHeader func(string) string
	err         error
}

func (l *tableLines) Write(line []byte) (int, error) {
	text := bytes.TrimRight(line, " \n")
	if l.paintHeader != nil {
		text = []byte(l.paintHeader(string(text)))
		l.paintHeader = nil
	}
	if l.err == nil {
		_, l.err = l.w.Write(append(text, '\n'))
	}
	return len(line), l.err
}

// harmlessRows returns the rows with cells that are safe on a terminal.
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

// harmless returns a cell on one line, without control characters other than the colour around it.
func harmless(painted string) string {
	begin, text, end := term.CutColour(painted)
	if text == "" {
		return painted
	}
	return begin + cell(text) + end
}
