package render

import "iter"

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
