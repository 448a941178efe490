package render

import (
	"cmp"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"muster/pkg/term"
)

// writeCSV writes a header of the JSON keys, and a row for each record (RFC 4180, except that rows end with a newline only).
// Values other than single ones are written as JSON, and the newline at the end of a text is omitted, as in a shell's $(…). On
// a terminal, control characters are made visible, because CSV has no escapes for them.
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

// writeNames writes the value of the first key of each record.
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

// column is a key of a record.
type column struct {
	name     string
	index    []int // of the field, for reflect
	optional bool  // JSON omits the key if it has no value
}

// recordColumns returns the keys of a document's records, as in JSON.
func recordColumns(document Document) []column {
	return appendColumns(nil, reflect.TypeOf(document.Record()), nil)
}

// appendColumns adds a struct's keys, including those of embedded structs.
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

// text returns the column's cell of a record. It is empty if the struct of the key is nil.
func (c column) text(record any) string {
	value, err := reflect.Indirect(reflect.ValueOf(record)).FieldByIndexErr(c.index)
	if err != nil || c.optional && value.IsZero() {
		return ""
	}
	return textOfValue(value)
}

// textOfValue returns the cell of a value. It is empty for null and for unknown times.
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
	text, err := json.Marshal(v.Interface(), jsonv1.DefaultOptionsV1())
	if err != nil || string(text) == "null" {
		return ""
	}
	return string(text)
}
