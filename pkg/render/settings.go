package render

import (
	"io"
	"iter"
	"slices"
)

// Settings is muster's own configuration: each value, and where it comes from.
type Settings struct {
	Settings []Setting
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
	rows := make([][]string, 0, len(d.Settings))
	for _, s := range d.Settings {
		rows = append(rows, []string{s.Key, cell(s.Value), style.Paint.Dim(cell(s.Origin))})
	}
	return writeTable(w, style, []string{"SETTING", "VALUE", "ORIGIN"}, slices.Values(rows))
}
