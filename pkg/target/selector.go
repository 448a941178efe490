package target

import (
	"slices"

	"muster/pkg/assist"
)

// Selector describes a set of instances. The terms are a union, everything else narrows it, and Exclude is applied last.
// Without terms, the conditions choose from all instances of the region.
type Selector struct {
	Terms      []Term
	Conditions []Condition
	Wheres     []*Where
	Managed    bool // only managed instances
	Exclude    []Term
	All        bool // every instance of the region that the other fields do not remove

	Sample *Share // of the remaining instances
	Seed   uint64 // makes a sample repeatable
}

// Empty reports whether the selector has neither a term nor anything else to choose by.
func (s *Selector) Empty() bool {
	return len(s.Terms) == 0 && len(s.Conditions) == 0 && len(s.Wheres) == 0 && !s.Managed && !s.All
}

// IDs returns the ids that the selector names, each once, and reports whether it has nothing but ids.
func (s *Selector) IDs() (ids []string, only bool) {
	only = len(s.Terms) > 0 && len(s.Conditions) == 0 && len(s.Wheres) == 0 && !s.Managed && !s.All && len(s.Exclude) == 0 && s.Sample == nil
	seen := map[string]bool{}
	for _, term := range s.Terms {
		if term.Group != "" || term.word.Glob() {
			return nil, false
		}
		for _, name := range term.word.Names() {
			if !isInstanceID(name) {
				return nil, false
			}
			if !seen[name] {
				seen[name] = true
				ids = append(ids, name)
			}
		}
	}
	return ids, only
}

// Tags returns the tags that the selector names with one value each, and reports whether it has nothing but such tags.
func (s *Selector) Tags() (tags []assist.Tag, only bool) {
	only = len(s.Conditions) > 0 && len(s.Terms) == 0 && len(s.Wheres) == 0 && !s.Managed && !s.All && len(s.Exclude) == 0 && s.Sample == nil
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if c.key == "" || c.negated || len(c.values) != 1 || c.values[0].pattern != nil {
			return nil, false
		}
		tags = append(tags, assist.Tag{Key: c.key, Value: c.values[0].text})
	}
	return tags, only
}

// names returns the number of names that the terms stand for.
func (s *Selector) names() int {
	n := 0
	for _, terms := range [][]Term{s.Terms, s.Exclude} {
		for i := range terms {
			n += terms[i].word.Len()
		}
	}
	return n
}

// needsRecords reports whether choosing needs more than names and ids.
func (s *Selector) needsRecords() bool { return len(s.Conditions) > 0 || len(s.Wheres) > 0 }

// ByName reports whether ids and names suffice to choose by, so that nothing else has to be requested.
func (s *Selector) ByName() bool {
	inGroup := func(t Term) bool { return t.Group != "" }
	return !s.needsRecords() && !s.Managed && s.Sample == nil && !slices.ContainsFunc(s.Terms, inGroup) && !slices.ContainsFunc(s.Exclude, inGroup)
}
