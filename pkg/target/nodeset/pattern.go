package nodeset

import (
	"strings"
	"unicode/utf8"
)

// Pattern is a glob: a [Word] with one number chosen from each of its sets.
type Pattern struct{ parts []part }

// Patterns returns a pattern for each combination of the word's sets, in the order of [Word.Names].
func (w Word) Patterns() []Pattern {
	if w.count == 0 {
		return nil
	}
	patterns := make([]Pattern, 0, w.count)
	var choose func(chosen []part, from int)
	choose = func(chosen []part, from int) {
		if from == len(w.parts) {
			patterns = append(patterns, Pattern{joined(chosen)})
			return
		}
		p := w.parts[from]
		if p.kind != numbers {
			choose(append(chosen, p), from+1)
			return
		}
		for _, r := range p.set {
			for number := r.low; number <= r.high; number += r.step {
				choose(append(chosen, part{text: string(appendNumber(nil, number, r.width))}), from+1)
			}
		}
	}
	choose(make([]part, 0, len(w.parts)), 0)
	return patterns
}

// joined returns a copy of the parts, with adjacent literals as one.
func joined(parts []part) []part {
	all := make([]part, 0, len(parts))
	for _, p := range parts {
		if last := len(all) - 1; last >= 0 && p.kind == literal && all[last].kind == literal {
			all[last].text += p.text
		} else {
			all = append(all, p)
		}
	}
	return all
}

// String returns the pattern in the notation that [Parse] reads.
func (p Pattern) String() string {
	var text strings.Builder
	for _, one := range p.parts {
		switch one.kind {
		case literal:
			writeEscaped(&text, one.text)
		case anyText:
			text.WriteByte('*')
		case anyRune:
			text.WriteByte('?')
		case oneOf:
			text.WriteString(one.class.text)
		}
	}
	return text.String()
}

// Match reports whether the whole name matches the pattern. Case matters; a * matches any text, including none.
func (p Pattern) Match(name string) bool {
	next, rest := 0, name  // the next part, and the rest of the name to match
	behind, from := -1, "" // the part after the last *, and the rest of the name that it was tried with
	for next < len(p.parts) || rest != "" {
		if next < len(p.parts) {
			if p.parts[next].kind == anyText {
				next++
				behind, from = next, rest
				continue
			}
			if n, ok := p.parts[next].matchStart(rest); ok {
				next++
				rest = rest[n:]
				continue
			}
		}
		if behind < 0 || from == "" {
			return false
		}
		from = from[runeLen(from):] // let the * match one more character
		next, rest = behind, from
	}
	return true
}

// matchStart returns the number of bytes at the start of a name that match a part other than *.
func (p part) matchStart(name string) (int, bool) {
	if p.kind == literal {
		return len(p.text), strings.HasPrefix(name, p.text)
	}
	r, n := utf8.DecodeRuneInString(name)
	return n, n > 0 && (p.kind == anyRune || p.class.match(r))
}
