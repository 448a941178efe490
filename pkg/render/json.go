package render

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// form is what encoding/json writes, but for <, > and &, which stand as they are.
var form = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

func writeJSON(w io.Writer, value any, indent string) error {
	j := &jsonWriter{w: w, indent: indent}
	if err := j.value(value, ""); err != nil {
		return err
	}
	j.put("\n")
	return j.err
}

// jsonWriter writes what has parts as json.MarshalWrite would write it, had it the whole.
type jsonWriter struct {
	w      io.Writer
	indent string
	text   bytes.Buffer
	err    error // the first one of w

	margin string       // of the latest value
	layout json.Options // for that
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

// value writes a value whose lines but the first begin at a margin.
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

// spliced writes a struct around the string. The key with its empty text can stand in no string, as a quotation mark there is
// escaped.
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
		return fmt.Errorf("write JSON: no empty %s to put a text into", s.Key)
	}
	before, after := text[:at+len(key)], text[at+len(key+`""`):]
	for _, piece := range [...][]byte{before, s.With, after} {
		if j.err == nil {
			_, j.err = j.w.Write(piece)
		}
	}
	return j.err
}

// encode gives bytes that are good until the next call.
func (j *jsonWriter) encode(value any, margin string) ([]byte, error) {
	switch {
	case j.indent == "":
		j.layout = form
	case j.layout == nil || j.margin != margin:
		j.layout, j.margin = json.JoinOptions(form, jsontext.WithIndent(j.indent), jsontext.WithIndentPrefix(margin)), margin
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
