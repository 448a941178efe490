package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Format is a form of output.
type Format string

// The formats.
const (
	Table  Format = "table"
	JSON   Format = "json"
	NDJSON Format = "ndjson"
	YAML   Format = "yaml"
)

// Formats are the names of all formats.
func Formats() []string {
	return []string{string(Table), string(JSON), string(NDJSON), string(YAML)}
}

// Document is what one command prints.
type Document interface {
	// Records are the lines of NDJSON. They end with the first error.
	Records() iter.Seq2[any, error]
	// WriteTable writes the document for people.
	WriteTable(w io.Writer, style Style) error
}

// Records makes the lines of NDJSON of a list.
func Records[T any](list []T) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Write writes a document in a format.
func Write(w io.Writer, format Format, document Document, style Style) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	err := write(buffered, format, document, style)
	return cmp.Or(err, buffered.Flush())
}

func write(w io.Writer, format Format, document Document, style Style) error {
	switch format {
	case Table:
		return document.WriteTable(w, style)
	case JSON:
		return writeJSON(w, document, "  ")
	case NDJSON:
		for record, err := range document.Records() {
			if err != nil {
				return err
			}
			if err := writeJSON(w, record, ""); err != nil {
				return err
			}
		}
		return nil
	case YAML:
		return writeYAML(w, document)
	}
	return fmt.Errorf("unknown output format %q: want one of %s", format, strings.Join(Formats(), ", "))
}

// Line writes one value as a line of JSON.
func Line(w io.Writer, value any) error { return writeJSON(w, value, "") }
