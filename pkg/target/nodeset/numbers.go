package nodeset

import (
	"fmt"
	"strconv"
	"strings"
)

// maxDigits is the largest number of digits of a number. A longer run of digits is literal text.
const maxDigits = 18

// numberRange is the numbers low, low+step, … and high, padded with zeros to the width. Without padding the width is 0.
type numberRange struct {
	low, high, step uint64
	width           int
}

func (r numberRange) count() uint64 { return (r.high-r.low)/r.step + 1 }

// numeric reports whether the content of a bracket is a set of numbers.
func numeric(content string) bool {
	return strings.Trim(content, "0123456789,-/") == ""
}

// parseNumbers reads the set of numbers text[start:end].
func parseNumbers(text string, start, end int) ([]numberRange, error) {
	if start == end {
		return nil, &SyntaxError{text, start - 1, "the brackets are empty"}
	}
	set := make([]numberRange, 0, 1+strings.Count(text[start:end], ","))
	for i := start; ; i++ { // over the comma
		r, next, err := parseRange(text, i, end)
		if err != nil {
			return nil, err
		}
		set = append(set, r)
		if i = next; i == end {
			return set, nil
		}
	}
}

// parseRange reads the number, range or range with a step at text[start:end]. It returns the offset of the comma or the end
// after it.
func parseRange(text string, start, end int) (numberRange, int, error) {
	fail := func(at int, problem string) (numberRange, int, error) {
		return numberRange{}, 0, &SyntaxError{text, at, problem}
	}
	digits := func(from int) int {
		for from < end && isDigit(text[from]) {
			from++
		}
		return from
	}

	i := digits(start)
	low := text[start:i]
	switch {
	case low == "" && i < end && text[i] == '-':
		return fail(i, "the range has no start")
	case low == "":
		return fail(i, "a number is missing")
	case len(low) > maxDigits:
		return fail(start, fmt.Sprintf("the number has more than %d digits", maxDigits))
	}
	high, step := low, ""
	if i < end && text[i] == '-' {
		hyphen := i
		i = digits(hyphen + 1)
		high = text[hyphen+1 : i]
		switch {
		case high == "":
			return fail(hyphen, "the range has no end")
		case len(high) > maxDigits:
			return fail(hyphen+1, fmt.Sprintf("the number has more than %d digits", maxDigits))
		case len(low) != len(high) && (padded(low) || padded(high)):
			return fail(hyphen+1, "the ends of a range that is padded with zeros must have the same number of digits")
		}
		if i < end && text[i] == '/' {
			slash := i
			i = digits(slash + 1)
			step = text[slash+1 : i]
			switch {
			case step == "":
				return fail(slash, "the step is missing")
			case strings.Trim(step, "0") == "":
				return fail(slash+1, "the step is zero")
			case len(step) > maxDigits:
				return fail(slash+1, fmt.Sprintf("the number has more than %d digits", maxDigits))
			}
		}
	}
	if i < end && text[i] != ',' {
		switch {
		case step != "":
			return fail(i, "the range continues after its step")
		case text[i] == '/':
			return fail(i, "the step has no range")
		default:
			return fail(i, "the range has more than two ends")
		}
	}

	r := numberRange{low: parseDigits(low), high: parseDigits(high), step: 1}
	if step != "" {
		r.step = parseDigits(step)
	}
	if r.low > r.high {
		return fail(start, "the range runs backwards")
	}
	r.high -= (r.high - r.low) % r.step
	if padded(low) {
		r.width = len(low)
	}
	return r, i, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// padded reports whether a number has leading zeros.
func padded(digits string) bool { return len(digits) > 1 && digits[0] == '0' }

func parseDigits(digits string) uint64 {
	number := uint64(0)
	for i := range len(digits) {
		number = number*10 + uint64(digits[i]-'0')
	}
	return number
}

// appendNumber appends a number with leading zeros up to the width.
func appendNumber(b []byte, number uint64, width int) []byte {
	const zeros = "000000000000000000"
	if missing := width - digitsOf(number); missing > 0 {
		b = append(b, zeros[:missing]...)
	}
	return strconv.AppendUint(b, number, 10)
}

func digitsOf(number uint64) int {
	n := 1
	for ; number >= 10; number /= 10 {
		n++
	}
	return n
}

// ascending reports whether every number of a set is larger than the one before it.
func ascending(set []numberRange) bool {
	for i := 1; i < len(set); i++ {
		if set[i].low <= set[i-1].high {
			return false
		}
	}
	return true
}

// commonStart returns the leading digits that all numbers of a set have in common.
func commonStart(set []numberRange) string {
	var common []byte
	for i, r := range set {
		low, high := appendNumber(nil, r.low, r.width), appendNumber(nil, r.high, r.width)
		if i == 0 {
			common = low
		}
		if len(low) != len(high) {
			return ""
		}
		common = common[:commonLen(common, low)]
		common = common[:commonLen(common, high)]
	}
	return string(common)
}

func commonLen(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// widest returns the number of digits of the longest number of a set.
func widest(set []numberRange) int {
	most := 0
	for _, r := range set {
		most = max(most, r.width, digitsOf(r.high))
	}
	return most
}
