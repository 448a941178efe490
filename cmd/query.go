package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/config"
	"muster/pkg/jq"
	"muster/pkg/render"
)

// query is the value of --jq or --template. Its results are printed instead of the JSON.
type query struct {
	expression string   // of --jq
	args       []string // of --arg
	jsonArgs   []string // of --argjson
	template   string   // of --template

	parsed     render.Query // nil without the flags
	ended      error        // set if an interrupt ended the query, which is not tried again
	interrupts *interrupts
}

func (q *query) add(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&q.expression, "jq", "", "`EXPRESSION`: print the result of this jq expression over the JSON: strings as text, other values as a line of JSON each")
		addValues(flags, &q.args, "arg", "", "`NAME=VALUE`: with --jq, set the variable $NAME to this string")
		addValues(flags, &q.jsonArgs, "argjson", "", "`NAME=JSON`: with --jq, set the variable $NAME to this JSON value")
		flags.StringVar(&q.template, "template", "", "`TEMPLATE`: print the result of this Go template over the JSON, such as '{{range .Instances}}{{.InstanceId}}{{\"\\n\"}}{{end}}'")
	})
}

// read reads --jq and --template, and makes JSON the output format.
func (q *query) read(p *printer) error {
	for _, name := range []string{"jq", "template"} {
		if f := p.flags.Lookup(name); f != nil && f.Changed && f.Value.String() == "" {
			return usagef("--%s is empty: leave it out, or give it a value", name)
		}
	}
	if q.expression != "" && q.template != "" {
		return usagef("give --jq or --template, not both")
	}
	for _, name := range []string{"arg", "argjson"} {
		if p.flags.Changed(name) && q.expression == "" {
			return usagef("--%s sets a variable for --jq, which is not given", name)
		}
	}
	switch {
	case q.expression != "":
		return q.use(p, "--jq", func() (render.Query, error) { return q.parseJQ(p) })
	case q.template != "":
		return q.use(p, "--template", func() (render.Query, error) {
			return render.ParseTemplate(q.template, schemaKeys(map[string]any(jsonSchema())))
		})
	}
	return nil
}

func (q *query) use(p *printer, flag string, parse func() (render.Query, error)) error {
	switch format := render.Format(p.config.Output); {
	case format == render.JSON, format == render.NDJSON:
	case p.flags.Changed("output"):
		return usagef("%s is for JSON, not for -o %s", flag, format)
	default:
		p.config.Output, p.forPeople = string(render.JSON), true
	}
	query, err := parse()
	if wrong, ok := errors.AsType[*render.QueryError](err); ok {
		return &usageError{fmt.Errorf("%s: %w%s", flag, err, config.DidYouMean(wrong.Word, wrong.Known))}
	}
	if err != nil {
		return &usageError{err}
	}
	q.parsed = query
	return nil
}

func (q *query) parseJQ(p *printer) (render.Query, error) {
	options := jq.Options{Environ: p.queryEnviron, Stderr: queryStderr(p)}
	for _, flag := range []struct {
		name   string
		values []string
		isJSON bool
	}{{"--arg", q.args, false}, {"--argjson", q.jsonArgs, true}} {
		for _, text := range flag.values {
			variable, err := jq.ParseVariable(text, flag.isJSON)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", flag.name, err)
			}
			options.Variables = append(options.Variables, variable)
		}
	}
	if twice, ok := jq.Duplicate(options.Variables); ok {
		return nil, fmt.Errorf("--arg and --argjson: $%s is given twice", twice)
	}
	return render.ParseJQ(q.expression, options)
}

// queryStderr returns the writer for jq's debug and stderr. It writes notes if errors are JSON.
func queryStderr(p *printer) io.Writer {
	if p.wantsJSON() {
		return noteWriter{p}
	}
	return p.streams.Err
}

// noteWriter prints each write as a note.
type noteWriter struct{ printer *printer }

func (w noteWriter) Write(text []byte) (int, error) {
	w.printer.note("%s", strings.TrimSuffix(string(text), "\n"))
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

// interruptGrace is the time that a query may take after an interrupt. Most queries take less, and their output is wanted: the interrupt
// is mostly about something else.
const interruptGrace = time.Second

// write writes the result of the query for a value. An interrupt ends a query that does not finish, and all later ones.
func (q *query) write(w io.Writer, value any) error {
	if q.ended != nil {
		return q.ended
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer q.interrupts.watch(func() {
		time.AfterFunc(interruptGrace, func() { cancel(interruptedError{}) })
	})()
	err := render.WriteQuery(ctx, w, q.parsed, value)
	if ctx.Err() != nil {
		q.ended = err
	}
	return err
}
