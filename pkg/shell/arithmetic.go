package shell

import "strings"

// withoutArithmetic replaces the innermost arithmetic expression around an offset with a number: the content of $((…)), ((…)) or
// NAME[…]. It does not change the offsets of the rest, and reports whether there is such an expression.
func withoutArithmetic(script string, offset int) (string, bool) {
	for start := min(offset, len(script)); start >= 2; start-- {
		end := -1
		switch before := script[start-2 : start]; {
		case before == "((":
			end = closing(script, start, '(', ')')
			if end >= 0 && !strings.HasPrefix(script[end:], "))") {
				end = -1
			}
		case before[1] == '[' && nameByte(before[0]):
			end = closing(script, start, '[', ']')
		}
		if end < offset || end == start {
			continue
		}
		if simpler := script[:start] + number(script[start:end]) + script[end:]; simpler != script {
			return simpler, true
		}
	}
	return "", false
}

// closing returns the offset of the bracket that closes the one before start, or -1.
func closing(script string, start int, open, close byte) int {
	depth := 0
	for i := start; i < len(script); i++ {
		switch script[i] {
		case open:
			depth++
		case close:
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

func nameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// number returns a number with the same bytes per line as a text.
func number(text string) string {
	digits := []byte(text)
	filler := byte('1')
	for i, b := range digits {
		if b != '\n' {
			digits[i] = filler
		} else if i > 0 {
			filler = ' '
		}
	}
	return string(digits)
}
