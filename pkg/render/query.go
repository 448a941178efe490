package render

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"muster/pkg/jq"
)

// Query transforms a document's JSON.
type Query interface {
	// Write writes the results for a value that jq.Decode returned. Results before an error are written, and an error of the query
	// itself is a *QueryError. The context ends a query that does not end by itself.
	Write(ctx context.Context, w io.Writer, value any) error
}

// QueryError reports a query that cannot be parsed, or evaluated for a document.
type QueryError struct {
	Text         string
	Line, Column int    // from 1, the column in characters; 0 if unknown
	Record       string // the record that it was evaluated for, such as an instance's id; may be empty
	Err          error
	Word         string   // an unknown key, if that is the mistake
	Known        []string // the keys that exist
}

func (e *QueryError) Error() string {
	text := fmt.Sprintf("%q", e.Text)
	if e.Line > 0 && strings.Contains(e.Text, "\n") {
		text += fmt.Sprintf(", line %d", e.Line)
	}
	if e.Column > 0 {
		text += fmt.Sprintf(", column %d", e.Column)
	}
	if e.Record != "" {
		text += ", for " + e.Record
	}
	return text + ": " + e.Err.Error()
}

func (e *QueryError) Unwrap() error { return e.Err }

// WriteQuery writes the results of a query for a document's JSON. A caller with several documents can continue after a
// *[QueryError], which concerns only this one.
func WriteQuery(ctx context.Context, w io.Writer, query Query, document any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, document, ""); err != nil {
		return err
	}
	value, err := jq.Decode(text.Bytes())
	if err != nil {
		return err
	}
	return query.Write(ctx, w, value)
}

// recordName returns the name of a record for errors, or an empty string.
func recordName(value any) string {
	record, _ := value.(map[string]any)
	for _, key := range []string{"Event", "InstanceId", "InvokeId", "CommandId", "RunId", "Name"} {
		if name, ok := record[key].(string); ok && name != "" {
			return name
		}
	}
	return ""
}
