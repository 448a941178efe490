package schedule

import (
	"fmt"
	"strings"
)

const blanks = " \t"

// piece is a part of a text, with its position.
type piece struct {
	whole    string
	from, to int
}

func (p piece) String() string { return p.whole[p.from:p.to] }

func (p piece) len() int { return p.to - p.from }

// cut returns the part of p between two offsets.
func (p piece) cut(from, to int) piece { return piece{p.whole, p.from + from, p.from + to} }

// after returns p without its first n bytes.
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

// fields splits p around blanks.
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

// errorf returns a [*SyntaxError] that points at p.
func (p piece) errorf(field, format string, args ...any) error {
	return &SyntaxError{
		Text: p.whole, Offset: p.from, Length: p.len(), Field: field, Reason: fmt.Sprintf(format, args...),
	}
}

// bracketed returns the text inside word(…). It is an error if p is anything else.
func (p piece) bracketed(word, example string) (piece, error) {
	open := word + "("
	if indent := p.len() - len(strings.TrimLeft(p.String(), blanks)); indent > 0 {
		return piece{}, p.cut(0, indent).errorf(word, "no blank is allowed before %s", open)
	}
	if !strings.HasPrefix(p.String(), open) {
		return piece{}, p.errorf(word, "it must be written like %s", example)
	}
	inside := p.after(len(open))
	end := strings.IndexByte(inside.String(), ')')
	switch {
	case end < 0:
		return piece{}, inside.after(inside.len()).errorf(word, "the closing bracket is missing, as in %s", example)
	case end+1 < inside.len():
		return piece{}, inside.after(end+1).errorf(word, "nothing may follow the closing bracket")
	}
	return inside.cut(0, end), nil
}
