package render

import (
	"io"
	"iter"
	"slices"
)

// Settings is muster's own configuration: each value, and where it comes from.
type Settings struct {
	Settings []Setting

	ShowOrigin bool `json:"-"` // to people; programs see it in any case
}

// Setting is one value of it.
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// Records are the settings.
func (d *Settings) Records() iter.Seq2[any, error] { return Records(d.Settings) }

// WriteTable writes a row a setting.
func (d *Settings) WriteTable(w io.Writer, style Style) error {
	header := []string{"SETTING", "VALUE"}
	shown := d.ShowOrigin || style.wide
	if shown {
		header = append(header, "ORIGIN")
	}
	rows := make([][]string, 0, len(d.Settings))
	for _, s := range d.Settings {
		row := []string{s.Key, cell(s.Value)}
		if shown {
			row = append(row, style.Paint.Dim(cell(s.Origin)))
		}
		rows = append(rows, row)
	}
	return writeTable(w, style, header, slices.Values(rows))
}
