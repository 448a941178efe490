package render

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"pgregory.net/rapid"
)

// TestPlainRows compares the rows that are laid out here with those of tablewriter.
func TestPlainRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`[ -~]{0,12}`), rapid.SampledFrom([]string{"", " ", "-", "é", "世界", "a\tb", "\x1b[31mred\x1b[0m", "…"}))
		columns := rapid.IntRange(1, 5).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 8).Draw(t, "rows")
		var c widths
		for _, row := range rows {
			c.widen(row)
		}
		for i := range c {
			switch rapid.IntRange(0, 5).Draw(t, "narrowing") {
			case 0:
				c[i] = max(c[i]-1, 0)
			case 1:
				if len(c.kept()) > 1 {
					c[i] = -1
				}
			}
		}
		var want, got bytes.Buffer
		if err := c.write(&got, Style{}, rows[0], slices.Values(rows[1:])); err != nil {
			t.Fatal(err)
		}
		lines := &tableLines{w: &want}
		table := newTable(lines, c.kept())
		if err := table.Start(); err != nil {
			t.Fatal(err)
		}
		table.Header(keep(c, rows[0]))
		for _, row := range rows[1:] {
			if err := table.Append(keep(c, row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Fatalf("widths %v (-want +got):\n%s", c, diff)
		}
	})
}

func TestPrintableASCIIIsAsWideAsLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~]{0,40}`).Draw(t, "text")
		if got := twwidth.Width(text); got != len(text) {
			t.Fatalf("%q has width %d", text, got)
		}
	})
}
