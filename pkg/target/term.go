package target

import (
	"strings"

	"muster/pkg/target/nodeset"
)

// Term is one term of -i, -I or --exclude: an id, a name, a glob, a set of these, or a group.
type Term struct {
	Words
	Group string // the name behind @; empty for anything else
	word  nodeset.Word
}

// ParseTerms reads terms with commas, blanks or line breaks between them. Errors are *EmptyError, *SyntaxError or
// *NotationError.
func ParseTerms(words Words) ([]Term, error) {
	fields, err := words.split()
	if err != nil {
		return nil, err
	}
	terms := make([]Term, 0, len(fields))
	for _, field := range fields {
		term := Term{Words: Words{Text: field.Text, From: words.From, Warn: words.Warn}}
		if group, ok := strings.CutPrefix(field.Text, "@"); ok {
			if group == "" {
				return nil, &SyntaxError{From: words.From, Text: field.Text, Want: "the name of a group behind @"}
			}
			term.Group = group
		} else if term.word, err = words.parse(field); err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// wellFormed reports whether a word is an id: i-…, or mi-… of a managed instance.
func wellFormed(id string) bool {
	rest, ok := strings.CutPrefix(id, "i-")
	if !ok {
		rest, ok = strings.CutPrefix(id, "mi-")
	}
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	return ok && rest != "" && strings.Trim(rest, allowed) == ""
}

// item is one thing that a term stands for: an id, a name, a pattern or a group.
type item struct {
	term    *Term
	text    string
	pattern *nodeset.Pattern   // of a glob
	group   *Found             // of a group, its instances
	members map[memberKey]bool // the same, to look them up
}

// memberKey tells instances of several places apart.
type memberKey struct {
	place int
	id    string
}

// items are what terms stand for, with the means to find which of them match an instance.
type items struct {
	all     []item
	ids     map[string][]int
	names   map[string][]int
	scanned []int // globs and groups, which are tried one by one
	matched []int // how many instances each matches
}

// expand returns the items of terms. A name that stands in several of them is an item of each.
func expand(terms []Term) *items {
	x := &items{ids: map[string][]int{}, names: map[string][]int{}}
	for i := range terms {
		term := &terms[i]
		switch {
		case term.Group != "":
			x.scanned = append(x.scanned, len(x.all))
			x.all = append(x.all, item{term: term, text: term.Text})
		case term.word.Glob():
			for _, pattern := range term.word.Patterns() {
				x.scanned = append(x.scanned, len(x.all))
				x.all = append(x.all, item{term: term, text: pattern.String(), pattern: &pattern})
			}
		default:
			for _, name := range term.word.Names() {
				into := x.names
				if wellFormed(name) {
					into = x.ids
				}
				into[name] = append(into[name], len(x.all))
				x.all = append(x.all, item{term: term, text: name})
			}
		}
	}
	x.matched = make([]int, len(x.all))
	return x
}

// match marks the items that match an instance, and returns the first of them, or -1. named says whether it can be meant by its
// name, or by its id alone.
func (x *items) match(i *Instance, named bool) int {
	first := -1
	mark := func(at int) {
		x.matched[at]++
		if first < 0 || at < first {
			first = at
		}
	}
	for _, at := range x.ids[i.InstanceId] {
		mark(at)
	}
	if named {
		for _, at := range x.names[i.InstanceName] {
			mark(at)
		}
	}
	for _, at := range x.scanned {
		if x.all[at].matches(i, named) {
			mark(at)
		}
	}
	return first
}

// matches is for globs, which are over names, or over ids where they begin like one, and for groups.
func (it *item) matches(i *Instance, named bool) bool {
	switch {
	case it.pattern == nil:
		return it.members[memberKey{i.Place, i.InstanceId}]
	case it.overIDs():
		return it.pattern.Match(i.InstanceId)
	}
	return named && it.pattern.Match(i.InstanceName)
}

// overIDs reports whether a glob may be one over ids.
func (it *item) overIDs() bool {
	return it.pattern != nil && (strings.HasPrefix(it.text, "i-") || strings.HasPrefix(it.text, "mi-"))
}

// open returns the items that have matched nothing so far.
func (x *items) open() []int {
	var open []int
	for at, matches := range x.matched {
		if matches == 0 {
			open = append(open, at)
		}
	}
	return open
}
