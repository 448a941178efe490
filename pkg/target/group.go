package target

import (
	"fmt"
	"slices"
	"strings"
)

// Groups are named selectors, for @name in a term.
type Groups struct {
	Known []string                            // the names
	Read  func(name string) (Selector, error) // is called for known names alone
}

// GroupError reports a group that does not exist, or that is part of itself.
type GroupError struct {
	From  string // where it is named
	Name  string
	Cycle []string // the way from the group back to it; empty for one that does not exist
	Known []string // those that there are
}

func (e *GroupError) Error() string {
	if len(e.Cycle) > 0 {
		return fmt.Sprintf("%s @%s: the group is part of itself: @%s", e.From, e.Name, strings.Join(e.Cycle, " -> @"))
	}
	if len(e.Known) == 0 {
		return fmt.Sprintf("%s @%s: there is no such group: no settings file has groups", e.From, e.Name)
	}
	return fmt.Sprintf("%s @%s: there is no such group", e.From, e.Name)
}

// Check finds groups that a selector, or a group that it names, wants and that do not exist or cannot be read, and cycles.
func (g Groups) Check(s Selector) error { return g.check(s, nil, map[string]bool{}) }

// check goes into each group once. good are those that have been gone through.
func (g Groups) check(s Selector, way []string, good map[string]bool) error {
	for _, terms := range [][]Term{s.Terms, s.Exclude} {
		for _, term := range terms {
			if term.Group == "" {
				continue
			}
			if at := slices.Index(way, term.Group); at >= 0 {
				return &GroupError{From: term.From, Name: term.Group, Cycle: append(way[at:len(way):len(way)], term.Group)}
			}
			if good[term.Group] {
				continue
			}
			group, err := g.read(term)
			if err == nil {
				err = g.check(group, append(way[:len(way):len(way)], term.Group), good)
			}
			if err != nil {
				return err
			}
			good[term.Group] = true
		}
	}
	return nil
}

func (g Groups) read(term Term) (Selector, error) {
	if !slices.Contains(g.Known, term.Group) {
		return Selector{}, &GroupError{From: term.From, Name: term.Group, Known: g.Known}
	}
	return g.Read(term.Group)
}
