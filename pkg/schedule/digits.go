package schedule

import "strings"

// digits tells a text of digits only, and not none.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// shaped tells that p has a digit wherever the shape has one, and is the same elsewhere.
func shaped(p piece, shape string) bool {
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

// number is the value of a few digits.
func number(p piece) int {
	n := 0
	for _, c := range []byte(p.String()) {
		n = n*10 + int(c-'0')
	}
	return n
}

func within(p piece, field string, least, most int) (int, error) {
	n := number(p)
	if n < least || n > most {
		return 0, p.wrong(field, "%s %s is not in %d-%d", field, p, least, most)
	}
	return n, nil
}
