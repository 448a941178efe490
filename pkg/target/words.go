package target

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"muster/pkg/target/nodeset"
)

// Words is the text of a flag, and the flag.
type Words struct {
	Text string
	From string // such as "--exclude", or "ids.txt, line 3"
	Warn bool   // a term of it that matches nothing deserves only a warning
}

// SyntaxError reports a part of a selector that cannot be parsed.
type SyntaxError struct {
	From string // the flag, or the file and line; may be empty
	Text string // the text
	Want string // a description of valid texts

	Known []string // valid texts, for suggestions
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("%q: want %s", e.Text, e.Want)
	if e.From != "" {
		text = e.From + " " + text
	}
	return text
}

// NotationError reports a mistake in the notation of names in a flag's text.
type NotationError struct {
	From string
	Err  *nodeset.SyntaxError
}

func (e *NotationError) Error() string { return e.From + " " + e.Err.Error() }

func (e *NotationError) Unwrap() error { return e.Err }

// EmptyError reports a flag whose value is empty. It would choose more than intended, since it usually comes from an unset
// variable.
type EmptyError struct{ From string }

func (e *EmptyError) Error() string {
	return e.From + " is empty: leave it out, or give it a value (is a variable unset?)"
}

// split returns the words of the text. There is at least one.
func (w Words) split() ([]nodeset.Field, error) {
	if !utf8.ValidString(w.Text) || strings.Contains(w.Text, "\x00") { // in UTF-16, every other byte of ASCII is zero
		return nil, &SyntaxError{From: w.From, Text: shorten(w.Text), Want: "text in UTF-8"}
	}
	fields, err := nodeset.Split(w.Text)
	switch {
	case err != nil:
		return nil, w.notation(err)
	case len(fields) == 0:
		return nil, &EmptyError{w.From}
	}
	return fields, nil
}

// parse reads one word of the text. Errors have the offset in the whole text.
func (w Words) parse(field nodeset.Field) (nodeset.Word, error) {
	word, err := nodeset.Parse(field.Text)
	if wrong, ok := errors.AsType[*nodeset.SyntaxError](err); ok {
		whole := *wrong
		whole.Text, whole.Offset = w.Text, field.Offset+wrong.Offset
		err = &whole
	}
	return word, w.notation(err)
}

func (w Words) notation(err error) error {
	if wrong, ok := errors.AsType[*nodeset.SyntaxError](err); ok {
		return &NotationError{From: w.From, Err: wrong}
	}
	return err
}

// ReadTerms reads the terms in a file, whose lines end with LF, CR or both. A # begins a comment that extends to the end of the
// line. Errors have the name and the line. A file without terms is an *[EmptyError].
func ReadTerms(r io.Reader, name string) ([]Term, error) {
	var all []Term
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	lines.Split(scanLines)
	for number := 1; lines.Scan(); number++ {
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		terms, err := ParseTerms(Words{Text: line, From: fmt.Sprintf("%s, line %d:", name, number)})
		if _, empty := errors.AsType[*EmptyError](err); err != nil && !empty {
			return nil, err
		}
		all = append(all, terms...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(all) == 0 {
		return nil, &EmptyError{name}
	}
	return all, nil
}

// scanLines is like bufio.ScanLines, but lines may also end with a CR without LF.
func scanLines(data []byte, atEOF bool) (advance int, line []byte, err error) {
	end := bytes.IndexAny(data, "\r\n")
	switch {
	case end < 0 && !atEOF, len(data) == 0:
		return 0, nil, nil
	case end < 0:
		return len(data), data, nil
	case data[end] == '\r' && end+1 == len(data) && !atEOF:
		return 0, nil, nil // LF may follow
	case bytes.HasPrefix(data[end:], []byte("\r\n")):
		return end + 2, data[:end], nil
	}
	return end + 1, data[:end], nil
}
