package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/itchyny/gojq"
)

// Query makes something else of a document's JSON.
type Query interface {
	// Write writes what it makes of a value as encoding/json decodes it.
	Write(w io.Writer, value any) error
}

// QueryError tells where an expression is wrong.
type QueryError struct {
	Text   string
	Column int // in characters, from 1 on; 0 where it is not known
	Err    error
}

func (e *QueryError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%q: %v", e.Text, e.Err)
	}
	return fmt.Sprintf("%q, column %d: %v", e.Text, e.Column, e.Err)
}

// Unwrap gives the cause.
func (e *QueryError) Unwrap() error { return e.Err }

// ParseJQ reads a jq expression. Strings that it gives are written as they are, and anything else as JSON, one a line. An
// error is a *QueryError.
func ParseJQ(text string) (Query, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		e := &QueryError{Text: text, Err: err}
		var wrong *gojq.ParseError
		if errors.As(err, &wrong) {
			e.Column = len([]rune(text[:min(wrong.Offset, len(text))])) - len([]rune(wrong.Token)) + 1
		}
		return nil, e
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, &QueryError{Text: text, Err: err}
	}
	return jq{text, code}, nil
}

type jq struct {
	text string
	code *gojq.Code
}

func (q jq) Write(w io.Writer, value any) error {
	for results := q.code.Run(value); ; {
		result, ok := results.Next()
		if !ok {
			return nil
		}
		switch result := result.(type) {
		case error:
			var halt *gojq.HaltError
			if errors.As(result, &halt) && halt.Value() == nil {
				return nil
			}
			return &QueryError{Text: q.text, Err: result}
		case string:
			if _, err := fmt.Fprintln(w, result); err != nil {
				return err
			}
		default:
			if err := writeJSON(w, result, ""); err != nil {
				return err
			}
		}
	}
}

// ParseTemplate reads a template of Go's text/template, which has json and join besides the usual functions. An error is a
// *QueryError.
func ParseTemplate(text string) (Query, error) {
	parsed, err := template.New("template").Funcs(template.FuncMap{
		"json": func(value any) (string, error) {
			var b bytes.Buffer
			err := writeJSON(&b, value, "")
			return strings.TrimSuffix(b.String(), "\n"), err
		},
		"join": func(separator string, list []any) string {
			texts := make([]string, len(list))
			for i, item := range list {
				texts[i] = fmt.Sprint(item)
			}
			return strings.Join(texts, separator)
		},
	}).Parse(text)
	if err != nil {
		return nil, &QueryError{Text: text, Err: err}
	}
	return goTemplate{text, parsed}, nil
}

type goTemplate struct {
	text   string
	parsed *template.Template
}

func (t goTemplate) Write(w io.Writer, value any) error {
	err := t.parsed.Execute(w, value)
	if _, ours := errors.AsType[template.ExecError](err); ours { // the writer's own come as they are
		return &QueryError{Text: t.text, Err: err}
	}
	return err
}

// WriteQuery writes what a query makes of a document's JSON.
func WriteQuery(w io.Writer, query Query, document any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, document, ""); err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(text.Bytes(), &value); err != nil {
		return err
	}
	return query.Write(w, value)
}
