package nodeset

import "fmt"

// MaxNames is how many names, or patterns, a word may stand for.
const MaxNames = 1_000_000

// Parse reads one word of a list:
//
//	[001-004,006]               a set of numbers; leading zeros give the width
//	[0-10/2]                    every second number of a range
//	* ? [a-c] [!a] [[:alpha:]]  a glob of a shell
//	\                           makes the next character literal
//
// A bracket with nothing but digits, commas, hyphens and slashes is a set of numbers, any other a character class. A word
// may have several of both. Errors are of type [*SyntaxError].
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
		case c == '\\':
			if next == len(text) {
				return Word{}, &SyntaxError{text, i, "there is no character behind the backslash"}
			}
			next += runeLen(text[next:])
			w.literal(text[i+1 : next])
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
			return Word{}, &SyntaxError{text, i, "there is no bracket that this one closes"}
		case c == ',' || blank(text[i:]):
			return Word{}, &SyntaxError{text, i, "a name ends here"}
		default:
			next = literalEnd(text, i)
			w.literal(text[i:next])
		}
		i = next
	}
	return w, nil
}

// literalEnd returns the offset behind the literal characters that begin at start.
func literalEnd(text string, start int) int {
	i := start
	for i < len(text) {
		switch text[i] {
		case '\\', '*', '?', '[', ']', ',':
			return i
		}
		if blank(text[i:]) {
			return i
		}
		i += runeLen(text[i:])
	}
	return i
}

// bracket adds what stands between the brackets, w.text[start:end].
func (w *Word) bracket(start, end int) error {
	if !numeric(w.text[start:end]) {
		c, err := parseClass(w.text, start, end)
		if err != nil {
			return err
		}
		w.add(part{kind: oneOf, class: c})
		return nil
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
