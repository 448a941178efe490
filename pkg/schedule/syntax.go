package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError reports what is wrong with a frequency, and where.
type SyntaxError struct {
	Text           string // the frequency
	Offset, Length int    // the wrong part, in bytes of Text; Length is 0 if something is missing
	Field          string // the part's field, such as "hour" or "time zone", or empty
	Reason         string
}

// Error returns a single line for any text.
func (e *SyntaxError) Error() string { return fmt.Sprintf("frequency %q: %s", e.Text, e.Reason) }

// Pointer returns the text, and below it a line with carets that mark the wrong part. Everything except printable ASCII is
// escaped, to align the carets and to send no control sequences to a terminal.
func (e *SyntaxError) Pointer() string {
	var line strings.Builder
	start, end := -1, -1
	mark := func(offset int) {
		if start < 0 && offset >= e.Offset {
			start = line.Len()
		}
		if end < 0 && offset >= e.Offset+e.Length {
			end = line.Len()
		}
	}
	for i, r := range e.Text {
		mark(i)
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(e.Text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&line, `\x%02x`, e.Text[i])
		case r < ' ' || r > '~':
			line.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			line.WriteRune(r)
		}
	}
	mark(len(e.Text))
	return line.String() + "\n" + strings.Repeat(" ", max(0, start)) + strings.Repeat("^", max(1, end-start))
}
