package schedule

import "strings"

// allDigits reports whether s consists of digits and is not empty.
func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// hasShape reports whether p has a digit in each place where shape has a 0, and otherwise equals shape.
func hasShape(p piece, shape string) bool {
	if p.len() != len(shape) {
		return false
	}
	for i, c := range []byte(p.String()) {
		if isDigit := c >= '0' && c <= '9'; isDigit != (shape[i] == '0') || !isDigit && c != shape[i] {
			return false
		}
	}
	return true
}

// number returns the value of p, which consists of a few digits.
func number(p piece) int {
	n := 0
	for _, c := range []byte(p.String()) {
		n = n*10 + int(c-'0')
	}
	return n
}

// parseWithin returns the number in p, or an error if it is out of range.
func parseWithin(p piece, field string, least, most int) (int, error) {
	n := number(p)
	if n < least || n > most {
		return 0, p.errorf(field, "%s %s is not in %d-%d", field, p, least, most)
	}
	return n, nil
}
