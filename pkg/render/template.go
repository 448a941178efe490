package render

import (
	"context"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"unicode/utf8"
)

// ParseTemplate parses a template of Go's text/template with the functions of templateFunctions and comparisons. A null value,
// and a key that a document does not have, print nothing. If keys are given, other keys are an error, unless the template uses
// keys whose values have keys of their own. The error is a *[QueryError].
func ParseTemplate(text string, keys []string) (Query, error) {
	parsed, err := template.New("template").Funcs(templateFunctions()).Funcs(comparisons()).Parse(text)
	if err != nil {
		return nil, templateError(text, err)
	}
	if err := prepareTemplate(parsed, text, keys); err != nil {
		return nil, err
	}
	return goTemplate{text, parsed}, nil
}

type goTemplate struct {
	text   string
	parsed *template.Template
}

func (t goTemplate) Write(ctx context.Context, w io.Writer, value any) error {
	err := t.parsed.Execute(&contextWriter{ctx, w}, templateValue(value))
	if _, ours := errors.AsType[template.ExecError](err); ours { // errors of the writer are returned unchanged
		failed := templateError(t.text, err)
		failed.Record = recordName(value)
		return failed
	}
	return err
}

// contextWriter is a writer that fails once a context is done.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (u *contextWriter) Write(text []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.w.Write(text)
}

// templatePlace matches the beginning of text/template's errors. The column is in bytes, from 0.
var templatePlace = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^template: template:(\d+)(?::(\d+))?: (?:executing "template" )?(.*)$`)
})

// templateError converts an error of text/template.
func templateError(text string, err error) *QueryError {
	failed := &QueryError{Text: text, Err: err}
	place := templatePlace().FindStringSubmatch(err.Error())
	if place == nil {
		return failed
	}
	failed.Line, _ = strconv.Atoi(place[1])
	if bytes, err := strconv.Atoi(place[2]); err == nil {
		lines := strings.Split(text, "\n")
		if failed.Line <= len(lines) && bytes <= len(lines[failed.Line-1]) {
			failed.Column = utf8.RuneCountInString(lines[failed.Line-1][:bytes]) + 1
		}
	}
	failed.Err = errors.New(place[3])
	return failed
}
