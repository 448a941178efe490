package target

import (
	"strings"

	"muster/pkg/target/nodeset"
)

// Term is one term of -i, -I or --exclude: an id, a name, a glob, a set of these, or a group.
type Term struct {
	Words
	Group string // the name after @; empty for anything else
	word  nodeset.Word
}

// ParseTerms reads terms separated by commas, blanks or line breaks. Errors are *[EmptyError], *[SyntaxError] or
// *[NotationError].
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
				return nil, &SyntaxError{From: words.From, Text: field.Text, Want: "the name of a group after @"}
			}
			term.Group = group
		} else if term.word, err = words.parse(field); err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// isInstanceID reports whether a word is an id: i-…, or mi-… for a managed instance.
func isInstanceID(id string) bool {
	rest, ok := strings.CutPrefix(id, "i-")
	if !ok {
		rest, ok = strings.CutPrefix(id, "mi-")
	}
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	return ok && rest != "" && strings.Trim(rest, allowed) == ""
}

// item is one of the things that a term stands for: an id, a name, a pattern or a group.
type item struct {
	term    *Term
	text    string
	pattern *nodeset.Pattern     // for a glob
	group   *Found               // for a group: its instances
	members map[instanceKey]bool // for a group: the keys of its instances
}

// instanceKey identifies an instance among those of all places.
type instanceKey struct {
	place int
	id    string
}

// items are the values of terms, indexed to find those that match an instance.
type items struct {
	all     []item
	ids     map[string][]int
	names   map[string][]int
	scanned []int // globs and groups, which are matched one by one
	matched []int // the number of instances that each matches
}

// newItems returns the items of terms. A name in several terms becomes an item of each.
func newItems(terms []Term) *items {
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
				if isInstanceID(name) {
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

// match marks the items that match an instance, and returns the index of the first, or -1. If named is false, the instance can
// be matched only by its id.
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

// matches reports whether a glob or a group matches an instance. A glob matches ids if it begins like one, and names otherwise.
func (it *item) matches(i *Instance, named bool) bool {
	switch {
	case it.pattern == nil:
		return it.members[instanceKey{i.Place, i.InstanceId}]
	case it.matchesIDs():
		return it.pattern.Match(i.InstanceId)
	}
	return named && it.pattern.Match(i.InstanceName)
}

// matchesIDs reports whether a glob matches ids.
func (it *item) matchesIDs() bool {
	return it.pattern != nil && (strings.HasPrefix(it.text, "i-") || strings.HasPrefix(it.text, "mi-"))
}

// unmatched returns the indexes of the items that have matched nothing so far.
func (x *items) unmatched() []int {
	var open []int
	for at, matches := range x.matched {
		if matches == 0 {
			open = append(open, at)
		}
	}
	return open
}
