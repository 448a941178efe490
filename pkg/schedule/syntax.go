package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SyntaxError says what is wrong with a frequency, and where.
type SyntaxError struct {
	Text           string // the frequency as it was given
	Offset, Length int    // the wrong part, in bytes of Text; Length is 0 where something is missing
	Field          string // what the part was read as, such as "hour" or "time zone"; empty if nothing was
	Reason         string
}

// Error is one line, whatever the text is.
func (e *SyntaxError) Error() string { return fmt.Sprintf("frequency %q: %s", e.Text, e.Reason) }

// Pointer is the text, and under it carets that mark the wrong part. All but printable ASCII is escaped: so the carets
// stand where they should, and the text cannot play tricks on a terminal.
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
