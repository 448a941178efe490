package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/target/nodeset"
)

// secondPass lists what the filters may have missed: names that the service's own filter did not find, and excluded instances
// that were not listed. visit takes instances as in the first pass.
func (q *query) secondPass(ctx context.Context, visit func(i *Instance, source, at int)) error {
	if q.given != nil {
		return nil
	}
	mark := func(i *Instance, _, _ int) { q.exclude.match(i, true) }
	if open := q.exclude.unmatched(); len(open) > 0 {
		left := q.exclude.only(open)
		var sources []source
		for place := range q.r.Places {
			sources = append(sources, q.itemSources(place, left)...)
		}
		if err := q.listAll(ctx, sources, mark); err != nil {
			return err
		}
	}
	again := q.exclude.hasUnmatchedName() && (q.base != nil || len(q.s.Conditions) > 0)
	more := q.base != nil && q.base.hasUnmatchedName()
	if !again && !more {
		return nil
	}
	everyone := make([]source, len(q.r.Places))
	for place := range q.r.Places {
		if q.s.Managed {
			everyone[place] = q.managed(place, assist.DescribeManagedInstancesRequest{})
		} else {
			everyone[place] = q.instances(place, assist.DescribeInstancesRequest{})
		}
	}
	return q.listAll(ctx, everyone, func(i *Instance, source, at int) {
		mark(i, source, at)
		if more {
			visit(i, source, at)
		}
	})
}

// only returns some of the items, without the marks.
func (x *items) only(some []int) *items {
	part := &items{}
	for _, at := range some {
		part.all = append(part.all, x.all[at])
	}
	return part
}

// hasUnmatchedName reports whether a name or a glob has matched nothing so far. Ids are not considered, because they are listed by
// id.
func (x *items) hasUnmatchedName() bool {
	return slices.ContainsFunc(x.unmatched(), func(at int) bool {
		it := &x.all[at]
		return it.term.Group == "" && (it.pattern != nil || !isInstanceID(it.text))
	})
}

// unmatched returns the parts of the selector that match nothing, with what exists in their place.
func (q *query) unmatched(ctx context.Context) ([]Unmatched, error) {
	all := slices.Clone(q.inGroups)
	for _, x := range []*items{q.base, q.exclude} {
		if x != nil {
			all = append(all, q.unmatchedItems(x)...)
		}
	}
	conditions, err := q.unmatchedConditions(ctx)
	if err != nil {
		return nil, err
	}
	all = append(all, conditions...)
	if len(all) == 0 {
		return nil, nil
	}
	return all, q.suggest(ctx, all)
}

// unmatchedItems returns the unmatched parts of each term.
func (q *query) unmatchedItems(x *items) []Unmatched {
	var all []Unmatched
	var last *Term
	var open []*item
	var names []string
	flush := func() {
		if last == nil {
			return
		}
		u := Unmatched{From: last.From, Text: last.Text, Where: q.where(), Warn: last.Warn, ID: isInstanceID(names[0]), Word: names[0], items: open}
		if len(names) > 1 || last.word.Wildcard() != names[0] {
			u.Text = nodeset.Shorten(names, shownColumns)
		}
		switch {
		case last.Group != "":
			u.Text, u.What, u.group = "@"+last.Group, "the group has no instance", true
		case last.word.Glob():
			u.Text, u.What = shorten(strings.Join(names, ",")), "no instance has such a name"
		case u.ID && isManagedID(names[0]):
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
	for _, at := range x.unmatched() {
		it := &x.all[at]
		if it.term != last {
			flush()
			last, open, names = it.term, nil, nil
		}
		open, names = append(open, it), append(names, it.text)
	}
	flush()
	return all
}

// unmatchedConditions returns the values that no instance has. It asks the service for values that no listed instance had,
// because other instances may have them.
func (q *query) unmatchedConditions(ctx context.Context) ([]Unmatched, error) {
	var all []Unmatched
	add := func(c *Condition, alone Condition, text, what string) error {
		exists, err := q.exists(ctx, alone)
		if err == nil && !exists {
			all = append(all, Unmatched{From: c.From, Text: text, What: what, Where: q.where(), Warn: c.Warn, condition: c, Word: text})
		}
		return err
	}
	for at := range q.s.Conditions {
		c := &q.s.Conditions[at]
		for i, seen := range q.marks[at] {
			if seen {
				continue
			}
			text := c.Text
			if len(c.values) > 1 {
				text = c.textOf(i)
			}
			if err := add(c, c.withValue(i), text, "no instance has it"); err != nil {
				return nil, err
			}
		}
	}
	for at := range q.mentions {
		c := &q.mentions[at]
		if q.mentioned[at][0] {
			continue
		}
		if err := add(c, *c, c.Text, "no instance has such a field or tag"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// exists reports whether any instance meets a condition.
func (q *query) exists(ctx context.Context, c Condition) (bool, error) {
	if q.given != nil {
		return false, nil
	}
	whole := &query{r: q.r, s: Selector{Conditions: []Condition{c}, Managed: q.s.Managed}}
	found := false
	for place := range q.r.Places {
		err := whole.filtered(place).list(ctx, func(i Instance, _ int) bool {
			found = found || c.holds(i.Record, make([]bool, c.markCount()))
			return !found
		})
		if err != nil || found {
			return found, q.r.at(place, err)
		}
	}
	return false, nil
}
