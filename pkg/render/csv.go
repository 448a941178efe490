package render

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"
	"time"
)

// writeCSV writes a row a record under the JSON's own keys (RFC 4180, with a newline alone at a row's end). What is no
// single value stands there as JSON, and the newline at a text's end is left out, as in a shell's $(…).
func writeCSV(w io.Writer, records iter.Seq2[any, error]) error {
	rows := csv.NewWriter(w)
	first := true
	for record, err := range records {
		if err != nil {
			return err
		}
		fields := fieldsOf(reflect.ValueOf(record))
		header, row := make([]string, len(fields)), make([]string, len(fields))
		for i, f := range fields {
			header[i], row[i] = f.name, strings.TrimSuffix(textOfValue(f.value), "\n")
		}
		if first {
			if err := rows.Write(header); err != nil {
				return err
			}
			first = false
		}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

// writeNames writes what each record is called: its first key's value.
func writeNames(w io.Writer, records iter.Seq2[any, error]) error {
	for record, err := range records {
		if err != nil {
			return err
		}
		fields := fieldsOf(reflect.ValueOf(record))
		if len(fields) == 0 {
			continue
		}
		if _, err := fmt.Fprintln(w, cell(textOfValue(fields[0].value))); err != nil {
			return err
		}
	}
	return nil
}

type recordField struct {
	name  string
	value reflect.Value
}

// fieldsOf are a struct's fields as JSON has them, those of structs inside it with its own.
func fieldsOf(v reflect.Value) []recordField {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var all []recordField
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			all = append(all, fieldsOf(v.Field(i))...)
		case f.IsExported() && name != "-":
			if name == "" {
				name = f.Name
			}
			all = append(all, recordField{name, v.Field(i)})
		}
	}
	return all
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
