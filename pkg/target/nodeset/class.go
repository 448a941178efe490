package nodeset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is a character class of a glob, such as [a-c] or [![:digit:]].
type class struct {
	text   string // as written, with its brackets
	negate bool
	ranges [][2]rune
	named  []func(rune) bool
}

func (c *class) match(r rune) bool {
	for _, ends := range c.ranges {
		if ends[0] <= r && r <= ends[1] {
			return !c.negate
		}
	}
	for _, contains := range c.named {
		if contains(r) {
			return !c.negate
		}
	}
	return c.negate
}

// parseClass reads the character class text[start:end], which is enclosed in brackets.
func parseClass(text string, start, end int) (*class, error) {
	c := &class{text: text[start-1 : end+1]}
	i := start
	if text[i] == '!' || text[i] == '^' {
		c.negate = true
		i++
	}
	if i == end {
		return nil, &SyntaxError{text, start - 1, "the character class is empty"}
	}
	for i < end {
		if strings.HasPrefix(text[i:end], "[:") {
			name, _, _ := strings.Cut(text[i+len("[:"):end], ":]")
			contains := namedClass(name)
			if contains == nil {
				return nil, &SyntaxError{text, i, "unknown character class"}
			}
			c.named = append(c.named, contains)
			i += len("[:") + len(name) + len(":]")
			continue
		}
		low, next := classRune(text, i)
		high := low
		if next+1 < end && text[next] == '-' && !strings.HasPrefix(text[next+1:end], "[:") {
			high, next = classRune(text, next+1)
		}
		if low > high {
			return nil, &SyntaxError{text, i, "the range runs backwards"}
		}
		c.ranges = append(c.ranges, [2]rune{low, high})
		i = next
	}
	return c, nil
}

// classRune returns the character at an offset, and the offset after it.
func classRune(text string, at int) (rune, int) {
	if text[at] == '\\' {
		at++
	}
	r, n := utf8.DecodeRuneInString(text[at:])
	return r, at + n
}

// namedClass returns the function that reports whether a character is in a class of POSIX, or nil for an unknown name.
func namedClass(name string) func(rune) bool {
	switch name {
	case "alnum":
		return func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	case "alpha":
		return unicode.IsLetter
	case "blank":
		return func(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) }
	case "cntrl":
		return unicode.IsControl
	case "digit":
		return func(r rune) bool { return '0' <= r && r <= '9' }
	case "graph":
		return func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
	case "lower":
		return unicode.IsLower
	case "print":
		return unicode.IsPrint
	case "punct":
		return func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
	case "space":
		return unicode.IsSpace
	case "upper":
		return unicode.IsUpper
	case "xdigit":
		return func(r rune) bool { return unicode.Is(unicode.ASCII_Hex_Digit, r) }
	}
	return nil
}
