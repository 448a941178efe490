package nodeset

import "strings"

// Word is one word of a list. The zero Word stands for no name.
type Word struct {
	text  string
	parts []part
	count int // of combinations of the sets, repeated ones included
	glob  bool
}

type partKind uint8

const (
	literal partKind = iota
	numbers          // one of a set of numbers
	anyText          // *
	anyRune          // ?
	oneOf            // a character class
)

type part struct {
	kind  partKind
	text  string // of a literal, without backslashes
	set   []numberRange
	class *class
}

func (w *Word) add(p part) {
	if w.parts == nil {
		most := 3 // literal, bracket, literal
		if p.kind == literal && !strings.ContainsAny(w.text, "[*?") {
			most = 1
		}
		w.parts = make([]part, 0, most)
	}
	w.parts = append(w.parts, p)
	w.glob = w.glob || p.kind > numbers
}

// String returns the word as written.
func (w Word) String() string { return w.text }

// Glob reports whether the word has a *, a ? or a character class, and therefore stands for patterns instead of names.
func (w Word) Glob() bool { return w.glob }

// Names returns the names that a word without a glob stands for, each once, in the order in which they are written. The last
// bracket changes fastest. For a word with a glob it returns nil.
func (w Word) Names() []string {
	if w.glob || w.count == 0 {
		return nil
	}
	if len(w.parts) == 1 && w.parts[0].kind == literal {
		return []string{w.parts[0].text}
	}
	longest := 0
	for _, p := range w.parts {
		if longest += len(p.text); p.kind == numbers {
			longest += widest(p.set)
		}
	}
	names := make([]string, 0, w.count)
	var together strings.Builder // backs all names
	together.Grow(longest * w.count)
	w.expand(make([]byte, 0, longest), 0, func(name []byte) {
		start := together.Len()
		together.Write(name)
		names = append(names, together.String()[start:])
	})
	if w.repeats() {
		return unique(names)
	}
	return names
}

// expand calls do with every combination of the sets, starting with a part. The name is valid until do returns.
func (w Word) expand(name []byte, from int, do func(name []byte)) {
	if from == len(w.parts) {
		do(name)
		return
	}
	p := w.parts[from]
	if p.kind == literal {
		w.expand(append(name, p.text...), from+1, do)
		return
	}
	for _, r := range p.set {
		for number := r.low; number <= r.high; number += r.step {
			w.expand(appendNumber(name, number, r.width), from+1, do)
		}
	}
}

// repeats reports whether two combinations may give the same name, because ranges overlap or numbers are adjacent.
func (w Word) repeats() bool {
	separated := true
	for _, p := range w.parts {
		switch {
		case p.kind == literal:
			separated = separated || strings.Trim(p.text, "0123456789") != ""
		case !separated || !ascending(p.set):
			return true
		default:
			separated = false
		}
	}
	return false
}

func unique(names []string) []string {
	seen := make(map[string]struct{}, len(names))
	kept := names[:0]
	for _, name := range names {
		if _, ok := seen[name]; !ok {
			seen[name] = struct{}{}
			kept = append(kept, name)
		}
	}
	return kept
}

// Wildcard returns a pattern that has no wildcard other than * and matches everything that the word stands for. It keeps the
// leading digits that all numbers of a set have in common: web-*-a for web-[8-12]-a, and web-00*-a for web-[001-004]-a. For a
// plain name it is the name itself. It has no escapes: a literal * of a name becomes a wildcard, too.
func (w Word) Wildcard() string {
	var pattern strings.Builder
	star := false
	write := func(text string, variable bool) {
		if text != "" {
			pattern.WriteString(text)
			star = strings.HasSuffix(text, "*")
		}
		if variable && !star {
			pattern.WriteByte('*')
			star = true
		}
	}
	for _, p := range w.parts {
		switch p.kind {
		case literal:
			write(p.text, false)
		case numbers:
			one := len(p.set) == 1 && p.set[0].count() == 1
			write(commonStart(p.set), !one)
		default:
			write("", true)
		}
	}
	return pattern.String()
}

// Len returns the number of names, or patterns, that the word stands for.
func (w Word) Len() int { return w.count }
