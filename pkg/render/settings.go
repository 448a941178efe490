package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
)

// Settings is muster's own configuration: each value, and its origin.
type Settings struct {
	Settings []Setting
	Problems []SettingProblem `json:",omitempty"`

	ShowOrigin bool `json:"-"` // in tables; other formats always have it
}

// Setting is a value of the configuration.
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// SettingProblem is a part of the settings that cannot be used.
type SettingProblem struct {
	Key     string `json:",omitempty"` // empty for a whole file
	File    string `json:",omitempty"` // empty for a variable
	Line    int    `json:",omitempty"`
	Message string
	Remedy  string `json:",omitempty"`
}

// Records returns the settings.
func (d *Settings) Records() iter.Seq2[any, error] { return Records(d.Settings) }

// Record returns a setting without values.
func (d *Settings) Record() any { return Setting{} }

// WriteTable writes a row for each setting, and a line for each problem below them.
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
