package target

import (
	"fmt"
	"slices"
	"strings"
)

// Groups are named selectors, for @name in a term.
type Groups struct {
	Known []string                            // the names
	Read  func(name string) (Selector, error) // is called only for known names
}

// GroupError reports a group that does not exist, or that contains itself.
type GroupError struct {
	From  string // the flag, or the file and line, that names it
	Name  string
	Cycle []string // the path from the group back to it; empty if it does not exist
	Known []string // the groups that exist
}

func (e *GroupError) Error() string {
	if len(e.Cycle) > 0 {
		return fmt.Sprintf("%s @%s: the group contains itself: @%s", e.From, e.Name, strings.Join(e.Cycle, " -> @"))
	}
	if len(e.Known) == 0 {
		return fmt.Sprintf("%s @%s: there is no such group: no settings file has groups", e.From, e.Name)
	}
	return fmt.Sprintf("%s @%s: there is no such group", e.From, e.Name)
}

// Check returns an error if a selector names a group that does not exist, cannot be read or contains itself, directly or
// through other groups.
func (g Groups) Check(s Selector) error { return g.check(s, nil, map[string]bool{}) }

// check visits each group once. way is the path to the selector, and good are the groups that have been checked.
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
