package jq

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// In jq, $ also matches before a line break at the end of the text. RE2 has no look-ahead. Therefore marks are inserted before that
// line break, one more than the pattern has $, and each $ may match one of them. The additional mark is for a match that starts
// where another one ended. Expressions that match the line break skip the marks, and nothing else matches them.

// dollars returns the number of $ that mean the end of the text.
func dollars(re *syntax.Regexp) int {
	n := 0
	if re.Op == syntax.OpEndText && re.Flags&syntax.WasDollar != 0 {
		n = 1
	}
	for _, sub := range re.Sub {
		n += dollars(sub)
	}
	return n
}

// beforeMarks returns the pattern that matches texts with marks.
func beforeMarks(re *syntax.Regexp) *syntax.Regexp {
	switch re.Op {
	case syntax.OpEndText:
		if re.Flags&syntax.WasDollar != 0 {
			return either(literal(mark), re)
		}
	case syntax.OpEndLine:
		return either(literal(mark), re)
	case syntax.OpAnyChar:
		return unmarked([]rune{0, unicode.MaxRune})
	case syntax.OpAnyCharNotNL:
		return unmarked([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	case syntax.OpCharClass:
		return unmarked(re.Rune)
	case syntax.OpLiteral:
		return unmarkedLiteral(re)
	}
	changed := *re
	changed.Sub = nil
	for _, sub := range re.Sub {
		changed.Sub = append(changed.Sub, beforeMarks(sub))
	}
	return &changed
}

func unmarkedLiteral(re *syntax.Regexp) *syntax.Regexp {
	if !slices.Contains(re.Rune, '\n') {
		return re
	}
	whole := &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags}
	for _, r := range re.Rune {
		one := &syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: []rune{r}}
		if r == '\n' {
			one = lineBreak()
		}
		whole.Sub = append(whole.Sub, one)
	}
	return whole
}

// unmarked returns a class, which consists of pairs of runes, without the mark. If the class has the line break, the result also
// matches the marks before it.
func unmarked(class []rune) *syntax.Regexp {
	rest := &syntax.Regexp{Op: syntax.OpCharClass}
	hasLineBreak := false
	for i := 0; i+1 < len(class); i += 2 {
		low, high := class[i], min(class[i+1], mark-1)
		if low <= '\n' && '\n' <= high {
			hasLineBreak = true
			if low < '\n' {
				rest.Rune = append(rest.Rune, low, '\n'-1)
			}
			low = '\n' + 1
		}
		if low <= high {
			rest.Rune = append(rest.Rune, low, high)
		}
	}
	if !hasLineBreak {
		return rest
	}
	return either(lineBreak(), rest)
}

// lineBreak matches a line break and the marks before it.
func lineBreak() *syntax.Regexp {
	marks := &syntax.Regexp{Op: syntax.OpStar, Sub: []*syntax.Regexp{literal(mark)}}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{marks, literal('\n')}}
}

func either(a, b *syntax.Regexp) *syntax.Regexp {
	return &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{a, b}}
}

func literal(r rune) *syntax.Regexp { return &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{r}} }
