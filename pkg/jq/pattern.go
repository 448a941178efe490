package jq

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression with jq's flags. It has jq's syntax and semantics as far as RE2 can express them, and matches in
// linear time.
type pattern struct {
	plain    finder
	ending   *finder // for texts that end in a line break, with marks before it; nil if marks make no difference
	dollars  int     // the number of $ in it
	names    []string
	all      bool // the flag g
	nonEmpty bool // the flag n
}

// mark is a noncharacter. In a text that contains it, $ only matches at the very end.
const mark = '\U0010FFFF'

func newPattern(re, flags string) (*pattern, error) {
	p, parsing, longest, extended := new(pattern), syntax.Perl, false, false
	for _, flag := range flags {
		switch flag {
		case 'g':
			p.all = true
		case 'n':
			p.nonEmpty = true
		case 'i':
			parsing |= syntax.FoldCase
		case 'x':
			extended = true
		case 'l':
			longest = true
		case 'p', 'm':
			parsing |= syntax.DotNL
		case 's': // ^ and $ already have this meaning
		default:
			return nil, fmt.Errorf("%s is not a valid modifier string", flags)
		}
	}
	parsed, err := syntax.Parse(translate(re, extended), parsing)
	if err != nil {
		wrong, _ := errors.AsType[*syntax.Error](err) // Parse returns no other errors
		return nil, fmt.Errorf("the pattern %q is not valid in RE2: %s: %q", re, wrong.Code, wrong.Expr)
	}
	p.names = parsed.CapNames()
	if p.plain, err = newFinder(parsed.String(), longest); err != nil {
		return nil, err
	}
	if p.dollars = dollars(parsed); p.dollars > 0 && !strings.ContainsRune(re, mark) {
		ending, err := newFinder(beforeMarks(parsed).String(), longest)
		if err != nil {
			return nil, err
		}
		p.ending = &ending
	}
	return p, nil
}

// test reports whether a text matches.
func (p *pattern) test(text string) bool {
	if p.nonEmpty {
		return len(p.find(text)) > 0
	}
	if marked, _, ok := p.marked(text); ok {
		return p.ending.first.MatchString(marked)
	}
	return p.plain.first.MatchString(text)
}

// find returns the offsets of the matches and of their groups, like package regexp. It returns all matches if the flag g is set,
// otherwise at most one.
func (p *pattern) find(text string) [][]int {
	finder, marked, end, size := &p.plain, text, len(text), 0
	if with, at, ok := p.marked(text); ok {
		finder, marked, end, size = p.ending, with, at, len(with)-len(text)
	}
	var found [][]int
	for from := 0; from <= len(marked); {
		at := finder.from(marked, from)
		if at == nil {
			break
		}
		if from = at[1]; at[0] == at[1] {
			_, size := utf8.DecodeRuneInString(marked[from:])
			from += max(size, 1)
		}
		unmark(at, end, size)
		if n := len(found); n > 0 && at[1] == found[n-1][1] && at[0] == at[1] && found[n-1][0] == at[0] {
			continue // places between the marks are the same place
		}
		if p.nonEmpty && at[0] == at[1] {
			continue
		}
		if found = append(found, at); !p.all {
			break
		}
	}
	return found
}

// marked returns a text with its marks and the offset of the first one. It reports whether marks make a difference.
func (p *pattern) marked(text string) (marked string, at int, ok bool) {
	body, ends := strings.CutSuffix(text, "\n")
	if p.ending == nil || !ends || strings.ContainsRune(text, mark) {
		return "", 0, false
	}
	return body + strings.Repeat(string(mark), p.dollars+1) + "\n", len(body), true
}

// unmark converts offsets in a text with marks to offsets in the text without them. The marks start at begin and have size bytes.
func unmark(places []int, begin, size int) {
	for i, place := range places {
		if place > begin {
			places[i] = max(begin, place-size)
		}
	}
}

// finder finds a regular expression from any offset of a text. Package regexp only searches from the start, or finds all matches
// except the empty ones immediately after another match, which jq includes.
type finder struct{ first, next *regexp.Regexp }

func newFinder(re string, longest bool) (finder, error) {
	first, err := regexp.Compile(re)
	if err != nil {
		return finder{}, err
	}
	// The match includes the character before the offset, because ^ and \b depend on it.
	next, err := regexp.Compile(`\A(?s:.)(?s:.*?)(` + re + `)`)
	if err != nil {
		return finder{}, err
	}
	if longest {
		first.Longest()
	}
	return finder{first, next}, nil
}

// from returns the first match at or after an offset.
func (f *finder) from(text string, from int) []int {
	if from == 0 {
		return f.first.FindStringSubmatchIndex(text)
	}
	_, size := utf8.DecodeLastRuneInString(text[:from])
	at := f.next.FindStringSubmatchIndex(text[from-size:])
	if at == nil {
		return nil
	}
	at = at[2:]
	for i := range at {
		if at[i] >= 0 {
			at[i] += from - size
		}
	}
	return at
}
