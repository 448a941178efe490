package cmd

import (
	"fmt"
	"io"

	"muster/pkg/render"
)

// readQuery reads --jq and --template, which are about JSON, and have that be the output's format.
func (a *app) readQuery() error {
	if a.jq == "" && a.template == "" {
		return nil
	}
	if a.jq != "" && a.template != "" {
		return usagef("give --jq or --template, not both")
	}
	name, parse, text := "--jq", render.ParseJQ, a.jq
	if a.template != "" {
		name, parse, text = "--template", render.ParseTemplate, a.template
	}
	switch format := render.Format(a.config.Output); {
	case format == render.JSON, format == render.NDJSON:
	case a.flags.Changed("output"):
		return usagef("%s is for JSON, not for -o %s", name, format)
	default:
		a.config.Output, a.implied = string(render.JSON), true
	}
	query, err := parse(text)
	if err != nil {
		return &usageError{fmt.Errorf("%s: %w", name, err)}
	}
	a.query = query
	return nil
}

// write writes a document in the chosen format, or what the query makes of it.
func (a *app) write(w io.Writer, document render.Document) error {
	format := render.Format(a.config.Output)
	switch {
	case a.query == nil:
		return render.Write(w, format, document, a.outStyle())
	case format == render.NDJSON:
		for record, err := range document.Records() {
			if err != nil {
				return err
			}
			if err := render.WriteQuery(w, a.query, record); err != nil {
				return err
			}
		}
		return nil
	}
	return render.WriteQuery(w, a.query, document)
}

// writeLine writes an event, or what the query makes of it.
func (a *app) writeLine(w io.Writer, value any) error {
	if a.query != nil {
		return render.WriteQuery(w, a.query, value)
	}
	return render.Line(w, value)
}
