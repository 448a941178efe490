package render

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"muster/pkg/term"
)

// Style is how a table looks: its colours, which are none where nobody sees them.
type Style struct {
	Paint term.Painter
}

// writeTable writes columns under a header, with nothing but space between them and none at a line's end, so that the
// table is as good for eyes as for awk.
func writeTable(w io.Writer, style Style, header []string, rows [][]string) error {
	var b strings.Builder
	table := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{
			Header: cells(tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone}),
			Row:    cells(tw.CellFormatting{AutoWrap: tw.WrapNone}),
		}))
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return err
	}
	if err := table.Render(); err != nil {
		return err
	}
	first := true
	for line := range strings.Lines(b.String()) {
		line = strings.TrimRight(line, " \n")
		if first {
			line, first = style.Paint.Bold(line), false
		}
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func cells(format tw.CellFormatting) tw.CellConfig {
	return tw.CellConfig{
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.Padding{Right: "  "}},
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
