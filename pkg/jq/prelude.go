package jq

import (
	_ "embed"
	"fmt"
	"io"

	"github.com/itchyny/gojq"
)

//go:embed prelude.jq
var preludeText string

// prelude is a module loader that defines the functions of prelude.jq for every expression. It has no other modules. In the
// expression, these functions replace gojq's functions of the same names, but gojq's own definitions do not use them.
type prelude struct{}

// LoadInitModules returns the definitions in prelude.jq.
func (prelude) LoadInitModules() ([]*gojq.Query, error) {
	query, err := gojq.Parse(preludeText)
	if err != nil {
		return nil, err
	}
	return []*gojq.Query{query}, nil
}

// LoadModule refuses import and include.
func (prelude) LoadModule(name string) (*gojq.Query, error) {
	return nil, fmt.Errorf("there are no modules here: %q", name)
}

// functions returns the functions of prelude.jq that are implemented in Go.
func functions(stderr io.Writer) []gojq.CompilerOption {
	if stderr == nil {
		stderr = io.Discard
	}
	patterns := new(patterns)
	return []gojq.CompilerOption{
		gojq.WithFunction("_matches", 3, 3, patterns.matches),
		gojq.WithFunction("_literal", 0, 0, literalNumber),
		gojq.WithFunction("debug", 0, 0, func(value any, _ []any) any {
			_, _ = fmt.Fprintf(stderr, "%s\n", Encode([]any{"DEBUG:", value}))
			return value
		}),
		gojq.WithFunction("stderr", 0, 0, func(value any, _ []any) any {
			_, _ = stderr.Write(Encode(value))
			return value
		}),
	}
}
