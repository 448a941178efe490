package render

import (
	"cmp"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pkg/term"
)

// writeCSV writes a header of the JSON's own keys, and a row a record (RFC 4180, with a newline alone at a row's end). What is
// no single value stands there as JSON, and the newline at a text's end is left out, as in a shell's $(…). At a terminal,
// control characters are shown, as CSV has no escapes for them.
func writeCSV(w io.Writer, document Document, terminal bool) error {
	rows, columns := csv.NewWriter(w), recordColumns(document)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	if err := rows.Write(row); err != nil {
		return err
	}
	for record, err := range document.Records() {
		if err != nil {
			return err
		}
		for i, c := range columns {
			row[i] = strings.TrimSuffix(c.text(record), "\n")
			if terminal {
				row[i] = term.Sanitize(row[i])
			}
		}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// writeNames writes what each record is called: its first key's value.
func writeNames(w io.Writer, document Document) error {
	columns := recordColumns(document)
	if len(columns) == 0 {
		return nil
	}
	for record, err := range document.Records() {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, cell(columns[0].text(record))); err != nil {
			return err
		}
	}
	return nil
}

// column is one key of a record.
type column struct {
	name     string
	index    []int // of the field, for reflect
	optional bool  // JSON leaves the key out if it has no value
}

// recordColumns returns the keys of a document's records, as JSON has them.
func recordColumns(document Document) []column {
	return appendColumns(nil, reflect.TypeOf(document.Record()), nil)
}

// appendColumns adds a struct's keys, with those of the structs that are embedded in it.
func appendColumns(columns []column, t reflect.Type, index []int) []column {
	t = base(t)
	if t.Kind() != reflect.Struct {
		return columns
	}
	for i := range t.NumField() {
		f, at := t.Field(i), append(slices.Clone(index), i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			columns = appendColumns(columns, f.Type, at)
		case f.IsExported() && name != "-":
			columns = append(columns, column{cmp.Or(name, f.Name), at, strings.Contains(options, "omitempty")})
		}
	}
	return columns
}

// text returns the column's cell of a record. It is empty where the struct of the key is nil.
func (c column) text(record any) string {
	value, err := reflect.Indirect(reflect.ValueOf(record)).FieldByIndexErr(c.index)
	if err != nil || c.optional && value.IsZero() {
		return ""
	}
	return textOfValue(value)
}

// textOfValue is a value as a cell has it; nothing for null and for times that are not known.
func textOfValue(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch value := v.Interface().(type) {
	case time.Time:
		if value.IsZero() {
			return ""
		}
		return value.Format(time.RFC3339)
	case []byte:
		return base64.StdEncoding.EncodeToString(value)
	}
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return fmt.Sprint(v.Interface())
	}
	text, err := json.Marshal(v.Interface())
	if err != nil || string(text) == "null" {
		return ""
	}
	return string(text)
}
