package render

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/target/nodeset"
)

// sections are the sections of all groups, of which one at a time is in memory.
type sections struct {
	outcomes
	style  Style
	groups [][]int32
	most   int // the largest group
	alike  *lookalikes
}

func (e outcomes) sections(style Style, groups [][]int32) *sections {
	return &sections{outcomes: e, style: style, groups: groups, most: largest(groups), alike: newLookalikes()}
}

// all returns the sections of groups by their numbers. An output that cannot be read is unknown.
func (s *sections) all(numbers iter.Seq[int]) iter.Seq[section] {
	return func(yield func(section) bool) {
		for i := range numbers {
			section, err := s.section(i, s.groups[i])
			if err != nil {
				section.missing = err.Error()
			}
			if !yield(section) {
				return
			}
		}
	}
}

// numbers returns the numbers of the groups.
func (s *sections) numbers(yield func(int) bool) {
	for i := range s.groups {
		if !yield(i) {
			return
		}
	}
}

func (s *sections) section(number int, group []int32) (section, error) {
	end := s.of(group[0])
	made := section{outcome: end, names: s.names(group), instances: s.instances(group), notes: s.deliveries(group)}
	output, err := readOutput(s.outputs, end.output)
	if err != nil {
		return made, err
	}
	text, compared, err := s.compared(number, group, output)
	if err != nil {
		return made, err
	}
	made.has = text != ""
	made.text = strings.TrimSuffix(s.style.clean(text), "\n")
	if made.has && !compared && s.style.Grouping.By != GroupNone {
		title := func(group int) string { return s.title(s.groups[group]) }
		if note := s.alike.note(end, number, made.text, output, title); note != "" {
			made.notes = append(made.notes, note)
		}
	}
	return made, nil
}

// compared returns the difference of an output from that of an earlier run, or from the largest group's. If it is not compared,
// it returns the output itself and false.
func (s *sections) compared(number int, group []int32, output fleet.Output) (text string, compared bool, err error) {
	end, largest := s.of(group[0]), s.groups[s.most]
	other := s.of(largest[0]).output
	switch {
	case end.compared:
		old, err := readOutput(s.earlier, end.before)
		if s.style.Grouping.By == GroupNormalized {
			old = fleet.Output(normalize(string(old), s.called(group[0])))
		}
		if old == output {
			return "(the output is the same as in the earlier run)\n", true, err
		}
		return s.difference("the earlier run", "this run", old, output), true, err
	case s.style.Grouping.Diff && number != s.most && end.output != other:
		old, err := readOutput(s.outputs, other)
		return s.difference(s.title(largest), s.title(group), old, output), true, err
	}
	return string(output), false, nil
}

// difference is difference for outputs, of which normalized ones lack the newline at the end.
func (s *sections) difference(oldName, newName string, old, new fleet.Output) string {
	if s.style.Grouping.By == GroupNormalized {
		old, new = old+"\n", new+"\n"
	}
	return difference(oldName, newName, old, new)
}

// title returns the name of a group for a diff.
func (s *sections) title(group []int32) string {
	return nodeset.Shorten(s.names(group), headingColumns)
}

// deliveries returns where the whole outputs of a group are, if bytes were dropped.
func (s *sections) deliveries(group []int32) []string {
	if s.of(group[0]).dropped == 0 {
		return nil
	}
	return Deliveries(s.names(group), func(i int) *fleet.Delivery { return s.of(group[i]).delivery })
}

// writeMarkdown writes the sections of failed groups first, and in both the largest group first.
func (s *sections) writeMarkdown(w io.Writer, m *markdown) error {
	order := slices.Collect(s.numbers)
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(s.failed(s.groups[b]), s.failed(s.groups[a])), cmp.Compare(len(s.groups[b]), len(s.groups[a])), cmp.Compare(a, b))
	})
	room := budget{m.left - markdownReserve, len(s.groups)}
	omitted, instances := 0, 0
	for section := range s.all(slices.Values(order)) {
		before := m.left
		ok, err := m.section(w, section, max(leastSection, room.next()))
		if err != nil {
			return err
		}
		if !ok {
			omitted++
			instances += section.instances
		}
		room.take(before - m.left)
	}
	return m.omitted(w, omitted, instances)
}
