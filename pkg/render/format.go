package render

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"muster/pkg/target/nodeset"
	"muster/pkg/term"
)

// Format is an output format.
type Format string

// The formats.
const (
	Table    Format = "table"
	Wide     Format = "wide" // a table with more columns
	JSON     Format = "json"
	NDJSON   Format = "ndjson"
	YAML     Format = "yaml"
	CSV      Format = "csv"
	Markdown Format = "markdown"
	JUnit    Format = "junit"   // of runs only
	Name     Format = "name"    // ids, one per line
	Nodeset  Format = "nodeset" // names of instances, folded into one line
)

// The default limits of a document's size: what GitHub accepts as the summary of a step, and GitLab as a test report.
const (
	markdownBytes = 1 << 20
	junitBytes    = 30_000_000
)

// Formats returns the names of all formats.
func Formats() []string {
	return []string{
		string(Table), string(Wide), string(JSON), string(NDJSON), string(YAML), string(CSV), string(Markdown), string(JUnit), string(Name), string(Nodeset),
	}
}

// Document is the output of a command.
type Document interface {
	// Records returns the lines of NDJSON. They end with the first error.
	Records() iter.Seq2[any, error]
	// Record returns the zero value of the type that all records have, or that they point to.
	Record() any
	// WriteTable writes the document for people.
	WriteTable(w io.Writer, style Style) error
}

// InstanceNamer is a document about instances. InstanceNames returns their shown names; an instance may occur several times.
type InstanceNamer interface{ InstanceNames() []string }

// writeNodeset writes the instances of a document as one folded line. Like that of nodeset -f, it is empty if there are none.
func writeNodeset(w io.Writer, document Document) error {
	instances, ok := document.(InstanceNamer)
	if !ok {
		return errors.New("-o nodeset is for documents about instances only")
	}
	_, err := fmt.Fprintln(w, term.Sanitize(nodeset.Fold(instances.InstanceNames())))
	return err
}

// Records returns a list as lines of NDJSON.
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
	var err error
	switch format {
	case JSON, NDJSON, YAML:
		escaped := &escaper{w: buffered, escape: escapeJSON}
		err = cmp.Or(write(escaped, format, document, style), escaped.end())
	case JUnit:
		escaped := &escaper{w: buffered, escape: escapeXML}
		err = cmp.Or(write(escaped, format, document, style), escaped.end())
	default:
		err = write(buffered, format, document, style)
	}
	return cmp.Or(err, buffered.Flush())
}

func write(w io.Writer, format Format, document Document, style Style) error {
	switch format {
	case Table:
		return document.WriteTable(w, style)
	case Wide:
		style.wide = true
		return document.WriteTable(w, style)
	case Markdown:
		grouping := Grouping{By: style.Grouping.By, Diff: style.Grouping.Diff}
		return document.WriteTable(w, Style{Grouping: grouping, markdown: &markdown{left: cmp.Or(style.MaxBytes, markdownBytes)}})
	case CSV:
		return writeCSV(w, document, style.Terminal)
	case JUnit:
		style.MaxBytes = cmp.Or(style.MaxBytes, junitBytes)
		return writeJUnit(w, document, style)
	case Name:
		return writeNames(w, document)
	case Nodeset:
		return writeNodeset(w, document)
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

// Line writes a value as a line of JSON.
func Line(w io.Writer, value any) error {
	escaped := &escaper{w: w, escape: escapeJSON}
	return cmp.Or(writeJSON(escaped, value, ""), escaped.end())
}
