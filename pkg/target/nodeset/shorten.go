package nodeset

import "github.com/clipperhouse/displaywidth"

// Shorten is [Fold] for a heading of at most the given columns. A longer line is reduced to its first few and last few sets, or
// to the first and last few numbers of a set, with an ellipsis between them: web-[001,003,…,997,999]. [Split] and [Parse]
// refuse such a line.
func Shorten(names []string, columns int) string {
	terms := fold(names)
	line := string(appendTerms(nil, terms))
	if len(line) <= columns || displaywidth.String(line) <= columns {
		return line
	}
	if columns < 1 {
		return ""
	}
	first, last := terms[0], terms[len(terms)-1]
	if shorter := longest(columns, len(terms), func(most int) []byte {
		b := append(appendTerms(nil, terms[:most]), ","+ellipsis+","...)
		return appendTerms(b, terms[len(terms)-most:])
	}); shorter != "" {
		return shorter
	}
	if shorter := longest(columns, len(line), func(most int) []byte {
		b := first.appendEnds(nil, most)
		switch len(terms) {
		case 1:
			return b
		case 2:
			b = append(b, ',')
		default:
			b = append(b, ","+ellipsis+","...)
		}
		return last.appendEnds(b, most)
	}); shorter != "" {
		return shorter
	}
	if len(terms) > 1 {
		shorter := append(first.appendEnds(nil, 1), ","+ellipsis...)
		if displaywidth.String(string(shorter)) <= columns {
			return string(shorter)
		}
	}
	if one := names[0] + "," + ellipsis; displaywidth.String(one) <= columns {
		return one
	}
	return displaywidth.TruncateString(line, columns, ellipsis)
}

// longest returns the line with the most items at each end that fits, of the given number of items. It returns "" if not even
// one fits.
func longest(columns, items int, write func(most int) []byte) string {
	best := ""
	for most := 1; 2*most < max(items, 3) && len(best) < 4*columns; most++ {
		line := string(write(most))
		if displaywidth.String(line) > columns || line == best {
			break
		}
		best = line
	}
	return best
}

// appendEnds appends the term with at most the given number of numbers and ranges at each end.
func (t term) appendEnds(b []byte, most int) []byte {
	head, tail := 0, len(t.numbers)
	for range most {
		if head == tail {
			return t.append(b)
		}
		head += runLength(t.numbers[head:tail])
		if head < tail {
			tail -= lastRunLength(t.numbers[head:tail])
		}
	}
	if head == tail {
		return t.append(b)
	}
	b = append(append(b, t.prefix...), '[')
	b = append(t.appendRuns(b, t.numbers[:head]), ","+ellipsis+","...)
	b = append(t.appendRuns(b, t.numbers[tail:]), ']')
	return append(b, t.suffix...)
}

// lastRunLength returns how many numbers at the end of a list are consecutive.
func lastRunLength(numbers []uint64) int {
	n, last := 1, len(numbers)-1
	for n <= last && numbers[last-n]+1 == numbers[last-n+1] {
		n++
	}
	return n
}
