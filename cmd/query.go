package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"muster/pkg/config"
	"muster/pkg/jq"
	"muster/pkg/render"
)

// readQuery reads --jq and --template, which are about JSON, and makes that the output's format.
func (a *app) readQuery() error {
	for _, name := range []string{"jq", "template"} {
		if f := a.flags.Lookup(name); f != nil && f.Changed && f.Value.String() == "" {
			return usagef("--%s is empty: leave it out, or give it a value", name)
		}
	}
	if a.jq != "" && a.template != "" {
		return usagef("give --jq or --template, not both")
	}
	for _, name := range []string{"arg", "argjson"} {
		if a.flags.Changed(name) && a.jq == "" {
			return usagef("--%s is a variable for --jq, which is not given", name)
		}
	}
	switch {
	case a.jq != "":
		return a.useQuery("--jq", a.parseJQ)
	case a.template != "":
		return a.useQuery("--template", func() (render.Query, error) {
			return render.ParseTemplate(a.template, schemaKeys(map[string]any(jsonSchema())))
		})
	}
	return nil
}

func (a *app) useQuery(flag string, parse func() (render.Query, error)) error {
	switch format := render.Format(a.config.Output); {
	case format == render.JSON, format == render.NDJSON:
	case a.flags.Changed("output"):
		return usagef("%s is for JSON, not for -o %s", flag, format)
	default:
		a.config.Output, a.implied = string(render.JSON), true
	}
	query, err := parse()
	if wrong, ok := errors.AsType[*render.QueryError](err); ok {
		return &usageError{fmt.Errorf("%s: %w%s", flag, err, config.DidYouMean(wrong.Word, wrong.Known))}
	}
	if err != nil {
		return &usageError{err}
	}
	a.query = query
	return nil
}

func (a *app) parseJQ() (render.Query, error) {
	options := jq.Options{Environ: a.queryEnviron, Stderr: a.queryStderr()}
	for _, flag := range []struct {
		name   string
		values []string
		isJSON bool
	}{{"--arg", a.jqArgs, false}, {"--argjson", a.jqJSONArgs, true}} {
		for _, text := range flag.values {
			variable, err := jq.ParseVariable(text, flag.isJSON)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", flag.name, err)
			}
			options.Variables = append(options.Variables, variable)
		}
	}
	if twice, ok := jq.GivenTwice(options.Variables); ok {
		return nil, fmt.Errorf("--arg and --argjson: $%s is given twice", twice)
	}
	return render.ParseJQ(a.jq, options)
}

// queryStderr returns where debug and stderr write: notes if errors are JSON.
func (a *app) queryStderr() io.Writer {
	if a.wantsJSON() {
		return noteWriter{a}
	}
	return a.streams.Err
}

// noteWriter writes each piece as a note.
type noteWriter struct{ app *app }

func (w noteWriter) Write(text []byte) (int, error) {
	w.app.note("%s", strings.TrimSuffix(string(text), "\n"))
	return len(text), nil
}

// schemaKeys returns the names of all properties in a JSON Schema.
func schemaKeys(schema any) []string {
	var keys []string
	switch node := schema.(type) {
	case map[string]any:
		for name, value := range node {
			if properties, ok := value.(map[string]any); ok && name == "properties" {
				for key := range properties {
					keys = append(keys, key)
				}
			}
			keys = append(keys, schemaKeys(value)...)
		}
	case []any:
		for _, value := range node {
			keys = append(keys, schemaKeys(value)...)
		}
	}
	return keys
}

// write writes a document in the chosen format, or what the query makes of it.
func (a *app) write(w io.Writer, document render.Document) error {
	format := render.Format(a.config.Output)
	switch {
	case a.query == nil:
		return render.Write(w, format, document, a.outStyle())
	case format == render.NDJSON:
		return a.writeRecords(w, document)
	}
	return a.writeQuery(w, document)
}

// writeRecords writes what the query makes of each record. Like jq, it goes on after a record that the query fails for.
func (a *app) writeRecords(w io.Writer, document render.Document) error {
	var failed error
	for record, err := range document.Records() {
		if err != nil {
			return err
		}
		err := a.writeQuery(w, record)
		if _, ours := errors.AsType[*render.QueryError](err); err != nil && (!ours || a.queryEnded != nil) {
			return err
		}
		failed = cmp.Or(failed, err)
	}
	return failed
}

// writeLine writes an event, or what the query makes of it.
func (a *app) writeLine(w io.Writer, value any) error {
	if a.query != nil {
		return a.writeQuery(w, value)
	}
	return render.Line(w, value)
}

// interruptGrace is how long a query may go on after an interrupt, which mostly is about something else: most queries take
// less, and their output is wanted.
const interruptGrace = time.Second

// writeQuery writes what the query makes of a value. An interrupt ends a query that does not end by itself, and then for good.
func (a *app) writeQuery(w io.Writer, value any) error {
	if a.queryEnded != nil {
		return a.queryEnded
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer a.interrupts.watch(func() {
		time.AfterFunc(interruptGrace, func() { cancel(interruptedError{}) })
	})()
	err := render.WriteQuery(ctx, w, a.query, value)
	if ctx.Err() != nil {
		a.queryEnded = err
	}
	return err
}
