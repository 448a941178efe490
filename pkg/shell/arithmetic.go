package shell

import "strings"

// withoutArithmetic replaces the innermost arithmetic expression around an offset by a number: the inside of $((…)), ((…)) or NAME[…].
// All other offsets stay the same.
func withoutArithmetic(script string, place int) (string, bool) {
	for start := min(place, len(script)); start >= 2; start-- {
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
		if end < place || end == start {
			continue
		}
		if simpler := script[:start] + number(script[start:end]) + script[end:]; simpler != script {
			return simpler, true
		}
	}
	return "", false
}

// closing returns the place of the bracket that closes the one before start, or -1.
func closing(script string, start int, open, shut byte) int {
	depth := 0
	for i := start; i < len(script); i++ {
		switch script[i] {
		case open:
			depth++
		case shut:
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

// number returns a number with as many bytes, and as many lines, as a text has.
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
