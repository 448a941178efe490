package fleet

import (
	"sort"
	"strings"
)

// leastFold is the least number of Base64 characters before a line break at which Base64 may be folded. Tools fold at 60 to 76
// characters.
const leastFold = 16

// base64Block is Base64 of several lines, joined into one.
type base64Block struct {
	begin int    // the offset of the block in the text
	text  string // without line breaks
	folds []fold
	open  bool // the block extends to the end of the text
}

// fold is the start of a line, as an offset in the block and in the text.
type fold struct{ inBlock, inText int }

// offset returns the offset in the text of a byte of the block.
func (u *base64Block) offset(at int) int {
	if n := sort.Search(len(u.folds), func(i int) bool { return u.folds[i].inBlock > at }); n > 0 {
		return u.folds[n-1].inText + at - u.folds[n-1].inBlock
	}
	return u.begin + at
}

// length returns the number of bytes of the block before an offset in the text.
func (u *base64Block) length(at int) int {
	from, done := u.begin, 0
	for _, f := range u.folds {
		if f.inText > at {
			return min(done+max(0, at-from), f.inBlock)
		}
		from, done = f.inText, f.inBlock
	}
	return min(done+max(0, at-from), len(u.text))
}

// size returns the number of bytes of the text that the block takes.
func (u *base64Block) size() int { return u.offset(len(u.text)-1) + 1 - u.begin }

// unfold returns the Base64 that is folded into lines, or may be if the text ends with such a line.
func unfold(text string) []base64Block {
	var blocks []base64Block
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

// unfoldFrom reads a block whose first line is known, and returns the offset at which to search for another.
func unfoldFrom(text string, begin, end, next int) (block base64Block, after int) {
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

// inBase64 reports whether a byte belongs to one of the two Base64 alphabets.
func inBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
