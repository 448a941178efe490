package render

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"muster/pkg/jq"
)

// ParseJQ parses a jq expression. Its strings are written as they are, as by jq -r, and other values as JSON, one per line. The
// error is a *[QueryError].
func ParseJQ(text string, options jq.Options) (Query, error) {
	program, err := jq.Parse(text, options)
	if wrong, ok := errors.AsType[*jq.SyntaxError](err); ok {
		return nil, &QueryError{Text: text, Line: wrong.Line, Column: wrong.Column, Err: wrong.Err}
	}
	if err != nil {
		return nil, err
	}
	return jqQuery{text, program}, nil
}

type jqQuery struct {
	text    string
	program *jq.Program
}

func (q jqQuery) Write(ctx context.Context, w io.Writer, value any) error {
	out := bufio.NewWriter(w)
	name := recordName(value)
	for result, err := range q.program.Run(ctx, value) {
		if err != nil {
			if failed := out.Flush(); failed != nil {
				return failed
			}
			if ctx.Err() != nil {
				return err
			}
			return &QueryError{Text: q.text, Record: name, Err: err}
		}
		if err := writeResult(out, result); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeResult(w *bufio.Writer, result any) error {
	text, ok := result.(string)
	if ok {
		text = strings.ToValidUTF8(text, "\uFFFD")
	} else {
		text = string(jq.Encode(result))
	}
	_, err := w.WriteString(text + "\n")
	return err
}
