package fleet

import (
	"sort"
	"strings"
)

// leastFold is how much Base64 must stand before the end of a line that it is folded at. Tools fold at 60 to 76 characters.
const leastFold = 16

// unfolded is Base64 that stands in several lines, put into one.
type unfolded struct {
	begin int    // of the block in the text
	text  string // without line breaks
	folds []fold
	open  bool // the block ends where the text does
}

// fold is where a line goes on: at one place in the block, and at another in the text.
type fold struct{ inBlock, inText int }

// place is where a byte of the block stands in the text.
func (u *unfolded) place(at int) int {
	if n := sort.Search(len(u.folds), func(i int) bool { return u.folds[i].inBlock > at }); n > 0 {
		return u.folds[n-1].inText + at - u.folds[n-1].inBlock
	}
	return u.begin + at
}

// length is how much of the block stands before a place in the text.
func (u *unfolded) length(at int) int {
	from, done := u.begin, 0
	for _, f := range u.folds {
		if f.inText > at {
			return min(done+max(0, at-from), f.inBlock)
		}
		from, done = f.inText, f.inBlock
	}
	return min(done+max(0, at-from), len(u.text))
}

// size is how much of the text the block takes.
func (u *unfolded) size() int { return u.place(len(u.text)-1) + 1 - u.begin }

// unfold finds the Base64 that is folded into lines, or may be, where the text ends with such a line.
func unfold(text string) []unfolded {
	var blocks []unfolded
	for line := 0; ; {
		n := strings.IndexByte(text[line:], '\n')
		if n < 0 {
			return blocks
		}
		next := line + n + 1
		end := next - 1
		if end > line && text[end-1] == '\r' {
			end--
		}
		begin := end
		for begin > line && inBase64(text[begin-1]) {
			begin--
		}
		if end-begin < leastFold || next < len(text) && !inBase64(text[next]) {
			line = next
			continue
		}
		block, after := unfoldFrom(text, begin, end, next)
		blocks = append(blocks, block)
		line = after
	}
}

// unfoldFrom reads a block whose first line is known, and returns where to look for another.
func unfoldFrom(text string, begin, end, next int) (block unfolded, after int) {
	var b strings.Builder
	b.WriteString(text[begin:end])
	block.begin = begin
	for {
		end = next
		for end < len(text) && inBase64(text[end]) {
			end++
		}
		if end == next {
			break
		}
		block.folds = append(block.folds, fold{b.Len(), next})
		b.WriteString(text[next:end])
		long := end-next >= leastFold
		after = next
		if strings.HasPrefix(text[end:], "\r\n") {
			end++
		}
		if !long || !strings.HasPrefix(text[end:], "\n") {
			break
		}
		next = end + 1
	}
	block.text, block.open = b.String(), end == len(text)
	return block, max(next, after)
}

// inBase64 reports whether a byte is of one of the two alphabets.
func inBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
