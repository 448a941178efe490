package render

import (
	"bytes"
	"cmp"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"muster/pkg/term"
)

// Style is how a table looks.
type Style struct {
	Paint term.Painter // none where nobody sees colours
	Width int          // the columns of the terminal; 0 where there is none

	Grouping Grouping

	wide     bool // all columns, not just the ones that matter most
	markdown bool
}

// room is how many columns a line of names may have behind a title. Without a terminal that is as many as a log bears.
func (s Style) room(title string) int {
	const inLogs = 1000
	return max(1, cmp.Or(s.Width, inLogs)-displaywidth.String(title))
}

// moment is a time for the eyes at a terminal, else for programs.
func (s Style) moment(t time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case s.Width > 0:
		return t.Local().Format("2006-01-02 15:04")
	}
	return t.Format(time.RFC3339)
}

// writeTable writes columns under a header, with nothing but space between them and none at a line's end, so that the
// table is as good for eyes as for awk. It goes through the rows twice, first for the columns' widths, and holds none.
func writeTable(w io.Writer, style Style, header []string, rows iter.Seq[[]string]) error {
	if style.markdown {
		return writeMarkdownTable(w, header, rows)
	}
	widths := tw.NewMapper[int, int]()
	widen := func(row []string) {
		for i, text := range row {
			widths.Set(i, max(widths.Get(i), twwidth.Width(text)+len(gap)))
		}
	}
	widen(header)
	for row := range rows {
		widen(row)
	}
	lines := &tableLines{w: w, paint: style.Paint.Bold}
	table := tablewriter.NewTable(lines,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{ // every cell has room, so that nothing is truncated
			Header: cells(tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapTruncate}),
			Row:    cells(tw.CellFormatting{AutoWrap: tw.WrapTruncate}),
		}),
		tablewriter.WithStreaming(tw.StreamConfig{Enable: true}),
		tablewriter.WithWidths(tw.CellWidth{PerColumn: widths}))
	if err := table.Start(); err != nil {
		return err
	}
	table.Header(header)
	for row := range rows {
		if err := cmp.Or(table.Append(row), lines.err); err != nil {
			return err
		}
	}
	return cmp.Or(table.Close(), lines.err)
}

// tableLines takes the space away from the lines' ends, and paints the first line. It keeps the first error, which the
// table does not look at.
type tableLines struct {
	w     io.Writer
	paint func(string) string
	line  []byte
	err   error
}

func (l *tableLines) Write(text []byte) (int, error) {
	for part := range bytes.Lines(text) {
		l.line = append(l.line, part...)
		if part[len(part)-1] != '\n' || l.err != nil {
			continue
		}
		line := bytes.TrimRight(l.line, " \n")
		if l.paint != nil {
			line, l.paint = []byte(l.paint(string(line))), nil
		}
		_, l.err = l.w.Write(append(line, '\n'))
		l.line = l.line[:0]
	}
	return len(text), l.err
}

// gap is what stands between columns.
const gap = "  "

func cells(format tw.CellFormatting) tw.CellConfig {
	return tw.CellConfig{
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.Padding{Right: gap}},
		Formatting: format,
	}
}

// cell makes text from elsewhere fit into one line of a table; nothing is shown as a dash.
func cell(text string) string {
	if text == "" {
		return "-"
	}
	return strings.ReplaceAll(strings.ReplaceAll(term.Sanitize(text), "\n", " "), "\t", " ")
}
