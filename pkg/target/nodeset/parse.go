package nodeset

import (
	"fmt"
	"strings"
)

// MaxNames is the largest number of names, or patterns, that a word may stand for.
const MaxNames = 1_000_000

// Parse reads one word of a list:
//
//	[001-004,006]               a set of numbers; leading zeros give the width
//	[0-10/2]                    every second number of a range
//	* ? [a-c] [!a] [[:alpha:]]  a shell glob
//	\                           makes the next character literal
//
// A bracket of only digits, commas, hyphens and slashes is a set of numbers, any other is a character class. A bracket of two or more
// digits is an error, because nodeset reads [12] as twelve and a shell as 1 or 2. A word may have several brackets. Errors are of
// type [*SyntaxError].
func Parse(text string) (Word, error) {
	if err := findEllipsis(text); err != nil {
		return Word{}, err
	}
	if text == "" {
		return Word{}, &SyntaxError{text, 0, "a name is missing"}
	}
	w := Word{text: text, count: 1}
	for i := 0; i < len(text); {
		next := i + 1
		switch c := text[i]; {
		case c == '*':
			w.add(part{kind: anyText})
		case c == '?':
			w.add(part{kind: anyRune})
		case c == '[':
			end, err := closing(text, i)
			if err != nil {
				return Word{}, err
			}
			if err := w.bracket(i+1, end); err != nil {
				return Word{}, err
			}
			next = end + 1
		case c == ']':
			return Word{}, &SyntaxError{text, i, "there is no opening bracket"}
		case c == ',' || blank(text[i:]):
			return Word{}, &SyntaxError{text, i, "a name ends here"}
		default:
			if next = literalEnd(text, i); next > len(text) {
				return Word{}, &SyntaxError{text, len(text) - 1, "there is no character after the backslash"}
			}
			w.add(part{kind: literal, text: unescape(text[i:next])})
		}
		i = next
	}
	return w, nil
}

// literalEnd returns the offset after the literal characters that begin at start. It is larger than the length of the text if
// the text ends with a backslash that escapes nothing.
func literalEnd(text string, start int) int {
	i := start
	for i < len(text) {
		switch text[i] {
		case '*', '?', '[', ']', ',':
			return i
		case '\\':
			i += 1 + max(1, runeLen(text[i+1:]))
			continue
		}
		if blank(text[i:]) {
			return i
		}
		i += runeLen(text[i:])
	}
	return i
}

// unescape removes the backslashes that make characters literal.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var unescaped strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
		}
		unescaped.WriteByte(text[i])
	}
	return unescaped.String()
}

// bracket adds the content of a bracket, w.text[start:end].
func (w *Word) bracket(start, end int) error {
	if !numeric(w.text[start:end]) {
		c, err := parseClass(w.text, start, end)
		if err != nil {
			return err
		}
		w.add(part{kind: oneOf, class: c})
		return nil
	}
	if content := w.text[start:end]; len(content) > 1 && strings.Trim(content, "0123456789") == "" {
		return &SyntaxError{w.text, start - 1, fmt.Sprintf(
			"[%s] may be one number or one of several digits: write %s, or [%s]", content, content, strings.Join(strings.Split(content, ""), ","))}
	}
	set, err := parseNumbers(w.text, start, end)
	if err != nil {
		return err
	}
	count := uint64(0)
	for _, r := range set {
		count = min(count+r.count(), MaxNames+1)
	}
	if count *= uint64(w.count); count > MaxNames {
		return &SyntaxError{w.text, start - 1, fmt.Sprintf("the word stands for more than %d names", MaxNames)}
	}
	w.count = int(count)
	w.add(part{kind: numbers, set: set})
	return nil
}
