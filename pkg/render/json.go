package render

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// jsonOptions make documents the same as those of encoding/json, except that <, > and & are not escaped.
var jsonOptions = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

func writeJSON(w io.Writer, value any, indent string) error {
	j := &jsonWriter{w: w, indent: indent}
	if err := j.value(value, ""); err != nil {
		return err
	}
	j.put("\n")
	return j.err
}

// jsonWriter writes documents that have parts like json.MarshalWrite would write them as a whole.
type jsonWriter struct {
	w      io.Writer
	indent string
	text   bytes.Buffer
	err    error // the first one of w

	margin string       // of the latest value
	layout json.Options // for that margin
}

func (j *jsonWriter) put(text string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, text)
	}
}

func (j *jsonWriter) newline(margin string) {
	if j.indent != "" {
		j.put("\n" + margin)
	}
}

// value writes a value whose lines after the first begin at a margin.
func (j *jsonWriter) value(value any, margin string) error {
	switch value := value.(type) {
	case Parted:
		return j.object(value.Parts(), margin)
	case *Spliced:
		if value.With != nil {
			return j.spliced(value, margin)
		}
		return j.value(value.Value, margin)
	}
	text, err := j.encode(value, margin)
	if err != nil {
		return err
	}
	if j.err == nil {
		_, j.err = j.w.Write(text)
	}
	return j.err
}

// spliced writes a struct around the string. The key with its empty text cannot occur within a string, because a quotation mark
// is escaped there.
func (j *jsonWriter) spliced(s *Spliced, margin string) error {
	text, err := j.encode(s.Value, margin)
	if err != nil {
		return err
	}
	colon := `":`
	if j.indent != "" {
		colon += " "
	}
	key := `"` + s.Key + colon
	at := bytes.Index(text, []byte(key+`""`))
	if at < 0 {
		return fmt.Errorf("write JSON: no empty %s to insert a text into", s.Key)
	}
	before, after := text[:at+len(key)], text[at+len(key+`""`):]
	for _, piece := range [...][]byte{before, s.With, after} {
		if j.err == nil {
			_, j.err = j.w.Write(piece)
		}
	}
	return j.err
}

// encode returns bytes that are valid until the next call.
func (j *jsonWriter) encode(value any, margin string) ([]byte, error) {
	switch {
	case j.indent == "":
		j.layout = jsonOptions
	case j.layout == nil || j.margin != margin:
		j.layout, j.margin = json.JoinOptions(jsonOptions, jsontext.WithIndent(j.indent), jsontext.WithIndentPrefix(margin)), margin
	}
	j.text.Reset()
	err := json.MarshalWrite(&j.text, value, j.layout)
	return j.text.Bytes(), err
}

func (j *jsonWriter) object(parts Parts, margin string) error {
	comma := ""
	keys := func(structs []any) error {
		for _, s := range structs {
			text, err := j.encode(s, margin)
			if err != nil {
				return err
			}
			body := bytes.TrimSuffix(text[1:len(text)-1], []byte("\n"+margin))
			if len(body) > 0 {
				j.put(comma + string(body))
				comma = ","
			}
		}
		return nil
	}
	j.put("{")
	if err := keys(parts.Before); err != nil {
		return err
	}
	j.put(comma)
	comma = ","
	if err := j.list(parts, margin+j.indent); err != nil {
		return err
	}
	if err := keys(parts.After); err != nil {
		return err
	}
	j.newline(margin)
	j.put("}")
	return j.err
}

func (j *jsonWriter) list(parts Parts, margin string) error {
	j.newline(margin)
	j.put(strconv.Quote(parts.Name) + ":")
	if j.indent != "" {
		j.put(" ")
	}
	j.put("[")
	comma := ""
	for item, err := range parts.List {
		if err != nil {
			return err
		}
		j.put(comma)
		j.newline(margin + j.indent)
		if err := j.value(item, margin+j.indent); err != nil {
			return err
		}
		comma = ","
	}
	if comma != "" {
		j.newline(margin)
	}
	j.put("]")
	return j.err
}

// Parted is a document, or an item of one, that is too long for memory: [Write] writes its JSON and its YAML part by part.
type Parted interface {
	Parts() Parts
}

// Parts are the parts of an object: the keys of some structs, then a key with a list, then the keys of more structs.
type Parts struct {
	Before []any
	Name   string
	List   iter.Seq2[any, error] // ends with the first error
	After  []any
}

// Spliced is a struct with a JSON string in place of the empty text of one of its keys.
type Spliced struct {
	Value any
	Key   string
	With  jsontext.Value // nil: the struct is unchanged
}
