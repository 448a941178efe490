package render

import (
	"cmp"
	"io"
	"iter"
	"slices"

	"muster/pkg/fleet"
)

// end is how an instance ended, and the key of its output.
type end struct {
	cause   fleet.Cause
	exit    int64
	exited  bool // the exit code is one
	output  fleet.OutputKey
	dropped int64
	missing string // why the output is not known
	seen    bool   // the output is not shown again

	delivery *fleet.Delivery // of the whole output; nil where there is none

	before   fleet.OutputKey // the output in an earlier run
	compared bool            // there is an earlier run's
}

// alike returns what the ends of a group have in common. It takes no exit code for 0.
func (e end) alike() end {
	e.exited, e.seen, e.delivery = false, false, nil
	return e
}

// shows reports whether there is anything to show of it.
func (e end) shows() bool { return e.exited || e.missing != "" || e.output != fleet.OutputKey{} }

// ends are those of many instances, each with a number. They are so many that no copy of them is made.
type ends struct {
	of        func(int32) end
	name      func(int32) string // what the instance is shown as
	called    func(int32) string // its own name, even if others share it; the id if it has none
	instances func([]int32) int  // the number of distinct instances
	outputs   fleet.Outputs
	earlier   fleet.Outputs // an earlier run's
}

// write writes the outputs of some instances, those of a group once, with empty lines between them. It reports whether there are any.
func (e ends) write(w io.Writer, style Style, numbers iter.Seq[int32]) (some bool, err error) {
	if style.Grouping.By == GroupNormalized {
		if e, err = e.normalized(numbers); err != nil {
			return false, err
		}
	}
	groups := e.groups(numbers)
	if style.Grouping.By == GroupNone {
		groups = e.alone(numbers)
	}
	sections := e.sections(style, groups)
	if style.markdown != nil {
		return len(groups) > 0, sections.writeMarkdown(w, style.markdown)
	}
	for section := range sections.all(sections.numbers) {
		if some {
			_, err = io.WriteString(w, "\n")
		}
		if err := cmp.Or(err, section.write(w, style)); err != nil {
			return some, err
		}
		some = true
	}
	return some, nil
}

func (e ends) names(group []int32) []string { return namesOf(group, e.name) }

// groups are the instances that ended in the same way with the same output. The successes stand before the failures, and
// in both the largest group last: what most instances agree on stands nearest to the end.
func (e ends) groups(numbers iter.Seq[int32]) [][]int32 {
	groups := foldBy(func(yield func(int32) bool) {
		for n := range numbers {
			if e.of(n).shows() && !yield(n) {
				return
			}
		}
	}, func(n int32) end { return e.of(n).alike() })
	slices.SortFunc(groups, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(e.failed(a), e.failed(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a[0], b[0]))
	})
	return groups
}

// failed returns 1 for a group that did not succeed, else 0.
func (e ends) failed(group []int32) int {
	if e.of(group[0]).cause == fleet.CauseSuccess {
		return 0
	}
	return 1
}
