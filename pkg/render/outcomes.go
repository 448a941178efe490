package render

import (
	"cmp"
	"io"
	"iter"
	"slices"

	"muster/pkg/fleet"
)

// outcome is the result of an instance, with the key of its output.
type outcome struct {
	cause   fleet.Cause
	exit    int64
	exited  bool // the exit code is valid
	output  fleet.OutputKey
	dropped int64
	missing string // why the output is not known
	seen    bool   // the output is not shown again

	delivery *fleet.Delivery // of the whole output; nil if none was requested

	before   fleet.OutputKey // the output in an earlier run
	compared bool            // there is an output in an earlier run
}

// alike returns what the outcomes of a group have in common. It treats a missing exit code as 0.
func (e outcome) alike() outcome {
	e.exited, e.seen, e.delivery = false, false, nil
	return e
}

// shows reports whether there is anything to show of the outcome.
func (e outcome) shows() bool { return e.exited || e.missing != "" || e.output != fleet.OutputKey{} }

// outcomes are the outcomes of many instances, each with a number. There may be so many that they are not copied.
type outcomes struct {
	of        func(int32) outcome
	name      func(int32) string // the shown name of the instance
	called    func(int32) string // its own name, even if it is shared; the id if it has none
	instances func([]int32) int  // the number of distinct instances
	outputs   fleet.Outputs
	earlier   fleet.Outputs // an earlier run's
}

// write writes the outputs of some instances, those of a group once, separated by empty lines. It reports whether there are
// any.
func (e outcomes) write(w io.Writer, style Style, numbers iter.Seq[int32]) (some bool, err error) {
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

func (e outcomes) names(group []int32) []string { return namesOf(group, e.name) }

// groups returns the instances with the same outcome and the same output. Successes come before failures, and in both the
// largest group is last, so that what most instances agree on is nearest to the end.
func (e outcomes) groups(numbers iter.Seq[int32]) [][]int32 {
	groups := foldBy(func(yield func(int32) bool) {
		for n := range numbers {
			if e.of(n).shows() && !yield(n) {
				return
			}
		}
	}, func(n int32) outcome { return e.of(n).alike() })
	slices.SortFunc(groups, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(e.failed(a), e.failed(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a[0], b[0]))
	})
	return groups
}

// failed returns 1 for a group that did not succeed, and 0 otherwise.
func (e outcomes) failed(group []int32) int {
	if e.of(group[0]).cause == fleet.CauseSuccess {
		return 0
	}
	return 1
}
