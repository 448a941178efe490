package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
)

// Settings is muster's own configuration: each value, and where it comes from.
type Settings struct {
	Settings []Setting
	Problems []SettingProblem `json:",omitempty"`

	ShowOrigin bool `json:"-"` // to people; programs see it in any case
}

// Setting is one value of it.
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// SettingProblem is something in the settings that cannot be used.
type SettingProblem struct {
	Key     string `json:",omitempty"` // empty for a file as a whole
	File    string `json:",omitempty"` // empty for a variable
	Line    int    `json:",omitempty"`
	Message string
	Remedy  string `json:",omitempty"`
}

// Records are the settings.
func (d *Settings) Records() iter.Seq2[any, error] { return Records(d.Settings) }

// Record returns a setting without values.
func (d *Settings) Record() any { return Setting{} }

// WriteTable writes a row a setting, and a line a problem below them.
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
	if err := writeTable(w, style, narrowing{}, header, slices.Values(rows)); err != nil || len(d.Problems) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(w, "\nBroken:"); err != nil {
		return err
	}
	for _, p := range d.Problems {
		if _, err := fmt.Fprintf(w, "  %s\n", style.Paint.Bad(cell(p.Message))); err != nil {
			return err
		}
	}
	return nil
}
