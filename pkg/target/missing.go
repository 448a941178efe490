package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

// lookAgain lists what may have been missed by the filters: names that the service's own filter did not find, and what is to be
// left out and was not among those that were listed. visit takes instances as in the first look.
func (sw *sweep) lookAgain(ctx context.Context, visit func(i *Instance, source, at int)) error {
	if sw.given != nil {
		return nil
	}
	mark := func(i *Instance, _, _ int) { sw.exclude.match(i, true) }
	if open := sw.exclude.open(); len(open) > 0 {
		left := sw.exclude.only(open)
		var sources []source
		for place := range sw.r.Places {
			sources = append(sources, sw.ofItems(place, left)...)
		}
		if err := sw.look(ctx, sources, mark); err != nil {
			return err
		}
	}
	again := sw.exclude.unfoundName() && (sw.base != nil || len(sw.s.Conditions) > 0)
	more := sw.base != nil && sw.base.unfoundName()
	if !again && !more {
		return nil
	}
	everyone := make([]source, len(sw.r.Places))
	for place := range sw.r.Places {
		if sw.s.Managed {
			everyone[place] = sw.managed(place, assist.DescribeManagedInstancesRequest{})
		} else {
			everyone[place] = sw.instances(place, assist.DescribeInstancesRequest{})
		}
	}
	return sw.look(ctx, everyone, func(i *Instance, source, at int) {
		mark(i, source, at)
		if more {
			visit(i, source, at)
		}
	})
}

// only returns some of the items, for which it shares the marks with none.
func (x *items) only(some []int) *items {
	part := &items{}
	for _, at := range some {
		part.all = append(part.all, x.all[at])
	}
	return part
}

// unfoundName reports whether a name or a glob matches nothing so far. Ids are found by asking for them.
func (x *items) unfoundName() bool {
	return slices.ContainsFunc(x.open(), func(at int) bool {
		it := &x.all[at]
		return it.term.Group == "" && (it.pattern != nil || !wellFormed(it.text))
	})
}

// unmatched finds out which parts of the selector match nothing, and what could have been meant.
func (sw *sweep) unmatched(ctx context.Context) ([]Unmatched, error) {
	all := slices.Clone(sw.inGroups)
	for _, x := range []*items{sw.base, sw.exclude} {
		if x != nil {
			all = append(all, sw.unmatchedItems(x)...)
		}
	}
	conditions, err := sw.unmatchedConditions(ctx)
	if err != nil {
		return nil, err
	}
	all = append(all, conditions...)
	if len(all) == 0 {
		return nil, nil
	}
	return all, sw.hint(ctx, all)
}

// unmatchedItems puts together what is left of each term.
func (sw *sweep) unmatchedItems(x *items) []Unmatched {
	var all []Unmatched
	var last *Term
	var names []string
	flush := func() {
		if last == nil {
			return
		}
		u := Unmatched{From: last.From, Text: last.Text, Where: sw.where(), Warn: last.Warn, ID: wellFormed(names[0]), Word: names[0]}
		if len(names) > 1 || last.word.Wildcard() != names[0] {
			u.Text = nodeset.Shorten(names, shownColumns)
		}
		switch {
		case last.Group != "":
			u.Text, u.What, u.group = "@"+last.Group, "the group has no instance", true
		case last.word.Glob():
			u.Text, u.What = shorten(strings.Join(names, ",")), "no instance has such a name"
		case u.ID && managedID(names[0]):
			u.What = "there is no such managed instance"
		case u.ID:
			u.What = "there is no such instance"
		default:
			u.What = "no instance has this name"
		}
		if len(names) > 1 && !last.word.Glob() {
			u.What = fmt.Sprintf("there are no such instances (%d of %d)", len(names), len(last.word.Names()))
		}
		all = append(all, u)
	}
	for _, at := range x.open() {
		it := &x.all[at]
		if it.term != last {
			flush()
			last, names = it.term, nil
		}
		names = append(names, it.text)
	}
	flush()
	return all
}

// unmatchedConditions asks for values that nobody had who was listed: others may have them.
func (sw *sweep) unmatchedConditions(ctx context.Context) ([]Unmatched, error) {
	var all []Unmatched
	add := func(c *Condition, alone Condition, text, what string) error {
		exists, err := sw.exists(ctx, alone)
		if err == nil && !exists {
			all = append(all, Unmatched{From: c.From, Text: text, What: what, Where: sw.where(), Warn: c.Warn, condition: c, Word: text})
		}
		return err
	}
	for at := range sw.s.Conditions {
		c := &sw.s.Conditions[at]
		for i, seen := range sw.marks[at] {
			if seen {
				continue
			}
			text := c.Text
			if len(c.values) > 1 {
				text = c.of(i)
			}
			if err := add(c, c.one(i), text, "no instance has it"); err != nil {
				return nil, err
			}
		}
	}
	for at := range sw.mentions {
		c := &sw.mentions[at]
		if sw.mentioned[at][0] {
			continue
		}
		if err := add(c, *c, c.Text, "no instance has such a field or tag"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// exists asks whether any instance meets a condition.
func (sw *sweep) exists(ctx context.Context, c Condition) (bool, error) {
	if sw.given != nil {
		return false, nil
	}
	whole := &sweep{r: sw.r, s: Selector{Conditions: []Condition{c}, Managed: sw.s.Managed}}
	found := false
	for place := range sw.r.Places {
		err := whole.filtered(place).list(ctx, func(i Instance, _ int) bool {
			found = found || c.holds(i.Record, make([]bool, c.size()))
			return !found
		})
		if err != nil || found {
			return found, sw.r.at(place, err)
		}
	}
	return false, nil
}
