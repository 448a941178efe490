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

// Options is what an expression has beside its input.
type Options struct {
	// Environ returns the variables for env and $ENV, as os.Environ does. Without it both are empty.
	Environ func() []string
	// Variables are the values of --arg and --argjson, in order. They are also in $ARGS.named.
	Variables []Variable
	// Stderr is for debug and stderr, which write nothing without it.
	Stderr io.Writer
}

// SyntaxError reports an expression that cannot be read.
type SyntaxError struct {
	Text         string
	Line, Column int // from 1 on, the column in characters; 0 where they are not known
	Err          error
}

func (e *SyntaxError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%q: %v", e.Text, e.Err)
	}
	return fmt.Sprintf("%q, line %d, column %d: %v", e.Text, e.Line, e.Column, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Program is an expression that can be run any number of times, also concurrently.
type Program struct {
	// Query is the expression as it was parsed. It must not be changed.
	Query  *gojq.Query
	code   *gojq.Code
	values []any // of the variables
}

var errEndsEarly = errors.New("the expression ends too early")

// Parse reads an expression. The error is a *SyntaxError.
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

// place returns where the parser stopped, or zeros where the error does not say.
func place(text string, err error) (line, column int) {
	wrong, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return 0, 0
	}
	return placeAt(text, max(0, min(wrong.Offset, len(text))-len(wrong.Token)))
}

var undefined = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:function|variable) not defined: (\$?\w+)`) })

// undefinedPlace returns where a name stands that is not defined, or zeros where it stands in several places.
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

// placeAt returns the line and the column of a byte, in characters from 1 on.
func placeAt(text string, at int) (line, column int) {
	before := text[:at]
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}

// Run yields the results for a value that Decode returned, or an error, which is the last. halt ends the results.
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

// HaltError is how an expression ends itself by halt_error.
type HaltError struct{ Text string }

func (e *HaltError) Error() string { return e.Text }

func haltText(value any) string {
	if text, ok := value.(string); ok {
		return strings.TrimSuffix(text, "\n")
	}
	return string(Encode(value))
}
