package render

import (
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// Parted is a document, or something in the list of one, that is too long to be held as a whole: Write writes its JSON
// and its YAML part by part.
type Parted interface {
	Parts() Parts
}

// Parts are those of an object: the keys of some structs, then one with a list, then those of more structs.
type Parts struct {
	Before []any
	Name   string
	List   iter.Seq2[any, error] // ends with the first error
	After  []any
}

// Spliced is a struct with a JSON string in place of the empty text that one of its keys has.
type Spliced struct {
	Value any
	Key   string
	With  jsontext.Value // nil: the struct stays as it is
}
