package nodeset

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError describes a mistake in a list or a word, and its position.
type SyntaxError struct {
	Text    string // the list that was split, or the word that was parsed
	Offset  int    // the position in Text, in bytes
	Problem string
}

// shown is the largest number of characters of a text that an error shows on each side of the position.
const shown = 40

// Error returns one line, whatever the text is. It counts characters from 1.
func (e *SyntaxError) Error() string {
	before, after := e.Text[:e.Offset], e.Text[e.Offset:]
	character := utf8.RuneCountInString(before) + 1
	if cut := len(before) - shown; cut > 0 {
		for !utf8.RuneStart(before[cut]) && cut > 0 {
			cut--
		}
		before = "..." + before[cut:]
	}
	if cut := shown; cut < len(after) {
		for !utf8.RuneStart(after[cut]) && cut > 0 {
			cut--
		}
		after = after[:cut] + "..."
	}
	return fmt.Sprintf("%q at character %d: %s", before+after, character, e.Problem)
}

// ellipsis is the text that [Shorten] writes in place of names that it leaves out.
const ellipsis = "…"

// findEllipsis returns an error if the text has an ellipsis that is not escaped.
func findEllipsis(text string) error {
	if !strings.Contains(text, ellipsis) {
		return nil
	}
	for i := 0; i < len(text); {
		switch {
		case text[i] == '\\':
			i += 1 + runeLen(text[i+1:])
		case strings.HasPrefix(text[i:], ellipsis):
			return &SyntaxError{text, i, "this is a shortened heading; -o nodeset prints all names"}
		default:
			i++
		}
	}
	return nil
}

// closing returns the offset of the bracket that closes the one at open. Within brackets, a backslash makes the next
// character literal, and only [: opens another bracket.
func closing(text string, open int) (int, error) {
	for i := open + 1; i < len(text); {
		switch {
		case text[i] == ']':
			return i, nil
		case text[i] == '\\':
			i += 1 + runeLen(text[i+1:])
		case strings.HasPrefix(text[i:], "[:"):
			length := strings.Index(text[i+len("[:"):], ":]")
			if length < 0 {
				return 0, &SyntaxError{text, i, "the character class is not closed"}
			}
			i += len("[:") + length + len(":]")
		case text[i] == '[':
			return 0, &SyntaxError{text, open, "the bracket is not closed before the next one"}
		case blank(text[i:]):
			return 0, &SyntaxError{text, i, "there is a blank inside brackets"}
		default:
			i += runeLen(text[i:])
		}
	}
	return 0, &SyntaxError{text, open, "the bracket is not closed"}
}

// runeLen returns the length of the first character of a text in bytes.
func runeLen(text string) int {
	if text == "" || text[0] < utf8.RuneSelf {
		return min(1, len(text))
	}
	_, n := utf8.DecodeRuneInString(text)
	return n
}

// blank reports whether a text begins with a blank or a line break.
func blank(text string) bool {
	if text[0] < utf8.RuneSelf {
		return text[0] == ' ' || '\t' <= text[0] && text[0] <= '\r'
	}
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsSpace(r)
}
