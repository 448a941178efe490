package schedule

import (
	"fmt"
	"strings"
)

const blanks = " \t"

// piece is a part of a text that knows where in it it stands.
type piece struct {
	whole    string
	from, to int
}

func (p piece) String() string { return p.whole[p.from:p.to] }

func (p piece) len() int { return p.to - p.from }

// cut is the part of p between two offsets in p.
func (p piece) cut(from, to int) piece { return piece{p.whole, p.from + from, p.from + to} }

// after is what follows the first n bytes of p.
func (p piece) after(n int) piece { return p.cut(n, p.len()) }

func (p piece) split(separator string) []piece {
	var parts []piece
	for {
		i := strings.Index(p.String(), separator)
		if i < 0 {
			return append(parts, p)
		}
		parts = append(parts, p.cut(0, i))
		p = p.after(i + len(separator))
	}
}

// fields are the parts of p between blanks.
func (p piece) fields() []piece {
	var fields []piece
	start := -1
	for i := range p.len() + 1 {
		switch blank := i == p.len() || strings.IndexByte(blanks, p.String()[i]) >= 0; {
		case blank && start >= 0:
			fields = append(fields, p.cut(start, i))
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	return fields
}

// wrong is the error that points at p.
func (p piece) wrong(field, format string, args ...any) error {
	return &SyntaxError{
		Text: p.whole, Offset: p.from, Length: p.len(), Field: field, Reason: fmt.Sprintf(format, args...),
	}
}

// bracketed is what stands in word(…), when p is that and nothing more.
func (p piece) bracketed(word, example string) (piece, error) {
	open := word + "("
	if indent := p.len() - len(strings.TrimLeft(p.String(), blanks)); indent > 0 {
		return piece{}, p.cut(0, indent).wrong(word, "no blank may stand before %s", open)
	}
	if !strings.HasPrefix(p.String(), open) {
		return piece{}, p.wrong(word, "it is not written like %s", example)
	}
	inside := p.after(len(open))
	end := strings.IndexByte(inside.String(), ')')
	switch {
	case end < 0:
		return piece{}, inside.after(inside.len()).wrong(word, "the closing bracket is missing, as in %s", example)
	case end+1 < inside.len():
		return piece{}, inside.after(end+1).wrong(word, "nothing may follow the closing bracket")
	}
	return inside.cut(0, end), nil
}
