package jq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// Options configure an expression.
type Options struct {
	// Environ returns the variables for env and $ENV, like os.Environ. If nil, both are empty.
	Environ func() []string
	// Variables are the values of --arg and --argjson, in order. They are also in $ARGS.named.
	Variables []Variable
	// Stderr receives the output of debug and stderr. If nil, it is discarded.
	Stderr io.Writer
}

// SyntaxError reports an expression that cannot be parsed or compiled.
type SyntaxError struct {
	Text         string
	Line, Column int // starting at 1, the column in characters; 0 if unknown
	Err          error
}

func (e *SyntaxError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%q: %v", e.Text, e.Err)
	}
	return fmt.Sprintf("%q, line %d, column %d: %v", e.Text, e.Line, e.Column, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Program is a compiled expression. It can be run many times, also concurrently.
type Program struct {
	// Query is the parsed expression. It must not be modified.
	Query  *gojq.Query
	code   *gojq.Code
	values []any // the values of the variables
}

var errEndsEarly = errors.New("unexpected end of the expression")

// Parse parses and compiles an expression. An error is a [*SyntaxError].
func Parse(text string, options Options) (*Program, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		line, column := place(text, err)
		if err.Error() == io.ErrUnexpectedEOF.Error() {
			err = errEndsEarly
		}
		return nil, &SyntaxError{Text: text, Line: line, Column: column, Err: err}
	}
	names, values := variables(text, options.Variables)
	code, err := gojq.Compile(query, append(functions(options.Stderr),
		gojq.WithModuleLoader(prelude{}), gojq.WithEnvironLoader(options.Environ), gojq.WithVariables(names))...)
	if err != nil {
		line, column := undefinedPlace(text, err)
		return nil, &SyntaxError{Text: text, Line: line, Column: column, Err: err}
	}
	return &Program{Query: query, code: code, values: values}, nil
}

// place returns the position of a parse error, or zeros if it has none.
func place(text string, err error) (line, column int) {
	wrong, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return 0, 0
	}
	return placeAt(text, max(0, min(wrong.Offset, len(text))-len(wrong.Token)))
}

var undefined = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:function|variable) not defined: (\$?\w+)`) })

// undefinedPlace returns the position of an undefined name, or zeros if it occurs several times.
func undefinedPlace(text string, err error) (line, column int) {
	found := undefined().FindStringSubmatch(err.Error())
	if found == nil {
		return 0, 0
	}
	places := regexp.MustCompile(`(?:^|[^\w.$])(`+regexp.QuoteMeta(found[1])+`)(?:\W|$)`).FindAllStringSubmatchIndex(text, -1)
	if len(places) != 1 {
		return 0, 0
	}
	return placeAt(text, places[0][2])
}

// placeAt returns the line and the column of a byte offset, both starting at 1. The column is in characters.
func placeAt(text string, at int) (line, column int) {
	before := text[:at]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}

// Run yields the results for a value that [Decode] returned. An error is the last result, and is the context's cause if ctx has
// ended. halt ends the results without an error.
func (p *Program) Run(ctx context.Context, value any) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for results := p.code.RunWithContext(ctx, value, p.values...); ; {
			result, ok := results.Next()
			if !ok {
				return
			}
			err, failed := result.(error)
			if !failed {
				if !yield(result, nil) {
					return
				}
				continue
			}
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok {
				if halt.Value() == nil {
					return
				}
				err = &HaltError{Text: haltText(halt.Value())}
			}
			yield(nil, err)
			return
		}
	}
}

// HaltError is the error of an expression that calls halt_error.
type HaltError struct{ Text string }

func (e *HaltError) Error() string { return e.Text }

func haltText(value any) string {
	if text, ok := value.(string); ok {
		return strings.TrimSuffix(text, "\n")
	}
	return string(Encode(value))
}
