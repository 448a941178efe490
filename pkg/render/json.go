package render

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
)

func writeJSON(w io.Writer, value any, indent string) error {
	j := &jsonWriter{w: w, indent: indent}
	j.encoder = json.NewEncoder(&j.compact)
	j.encoder.SetEscapeHTML(false)
	if err := j.value(value, ""); err != nil {
		return err
	}
	j.put("\n")
	return j.err
}

// jsonWriter writes what has parts as json.Encoder would write it, had it the whole. It indents by itself: the encoder
// looks at each byte of an output for that.
type jsonWriter struct {
	w       io.Writer
	indent  string
	compact bytes.Buffer
	encoder *json.Encoder
	text    []byte
	err     error // the first one of w
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
	if parted, ok := value.(Parted); ok {
		return j.object(parted.Parts(), margin)
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

// encode gives bytes that are good until the next call.
func (j *jsonWriter) encode(value any, margin string) ([]byte, error) {
	j.compact.Reset()
	if err := j.encoder.Encode(value); err != nil {
		return nil, err
	}
	compact := bytes.TrimSuffix(j.compact.Bytes(), []byte("\n"))
	if j.indent == "" {
		return compact, nil
	}
	j.text = appendIndented(j.text[:0], compact, margin, j.indent)
	return j.text, nil
}

// appendIndented does to compact JSON what json.Indent does.
func appendIndented(text, compact []byte, margin, indent string) []byte {
	depth := 0
	newline := func() {
		text = append(append(text, '\n'), margin...)
		for range depth {
			text = append(text, indent...)
		}
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			length := stringLength(compact[i:])
			text = append(text, compact[i:i+length]...)
			i += length - 1
		case '{', '[':
			text = append(text, c)
			if next := compact[i+1]; next == '}' || next == ']' {
				text = append(text, next)
				i++
				continue
			}
			depth++
			newline()
		case '}', ']':
			depth--
			newline()
			text = append(text, c)
		case ',':
			text = append(text, c)
			newline()
		case ':':
			text = append(text, ": "...)
		default:
			text = append(text, c)
		}
	}
	return text
}

// stringLength is how long the string is that a text begins with.
func stringLength(text []byte) int {
	for i := 1; ; {
		i += bytes.IndexAny(text[i:], "\"\\")
		if text[i] == '"' {
			return i + 1
		}
		i += 2
	}
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
