package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/target/nodeset"
)

// end is how an instance ended, and the key of its output.
type end struct {
	cause   fleet.Cause
	exit    int64
	exited  bool // the exit code is one
	output  fleet.OutputKey
	dropped int64
	lost    bool
	seen    bool // the output is not shown again

	delivery *fleet.Delivery // of the whole output; nil where there is none

	before   fleet.OutputKey // the output in an earlier run
	compared bool            // there is an earlier run's
}

// compare takes no exit code for 0.
func (e end) compare(other end) int {
	number := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(e.cause, other.cause), cmp.Compare(e.exit, other.exit), bytes.Compare(e.output[:], other.output[:]),
		cmp.Compare(e.dropped, other.dropped), cmp.Compare(number(e.lost), number(other.lost)),
		bytes.Compare(e.before[:], other.before[:]), cmp.Compare(number(e.compared), number(other.compared)),
	)
}

// shows tells whether there is anything to show of it.
func (e end) shows() bool { return e.exited || e.output != fleet.OutputKey{} }

// ends are those of many instances, each with a number. They are so many that no copy of them is made.
type ends struct {
	of        func(int32) end
	name      func(int32) string // what the instance is shown as
	called    func(int32) string // its own name, even if others share it; the id if it has none
	instances func([]int32) int  // the number of distinct instances
	outputs   fleet.Outputs
	earlier   fleet.Outputs // an earlier run's
}

// write writes the outputs of some instances, those of a group once.
func (e ends) write(w io.Writer, style Style, numbers iter.Seq[int32]) error {
	if style.Grouping.By == GroupNormalized {
		var err error
		if e, err = e.normalized(numbers); err != nil {
			return err
		}
	}
	groups := e.groups(numbers)
	if style.Grouping.By == GroupNone {
		groups = e.alone(numbers)
	}
	most := largest(groups)
	for i, group := range groups {
		end := e.of(group[0])
		text, err := readOutput(e.outputs, end.output)
		if err == nil {
			var old fleet.Output
			switch {
			case end.compared:
				if old, err = readOutput(e.earlier, end.before); err == nil {
					text = end.changed(old, text)
				}
			case style.Grouping.Diff && i != most && end.output != e.of(groups[most][0]).output:
				if old, err = readOutput(e.outputs, e.of(groups[most][0]).output); err == nil {
					text = fleet.Output(difference(e.title(groups[most]), e.title(group), old, text))
				}
			}
		}
		if err != nil {
			return fmt.Errorf("the output of %s: %w", e.name(group[0]), err)
		}
		if err := end.write(w, style, e.names(group), e.instances(group), text, e.deliveries(group)); err != nil {
			return err
		}
	}
	return nil
}

// changed is what has become of an output since an earlier run.
func (e end) changed(old, text fleet.Output) fleet.Output {
	if e.before == e.output {
		return "(as in the earlier run)"
	}
	return fleet.Output(difference("the earlier run", "this run", old, text))
}

// title returns the name of a group for a diff.
func (e ends) title(group []int32) string { return nodeset.Shorten(e.names(group), headingColumns) }

func (e ends) names(group []int32) []string {
	names := make([]string, len(group))
	for i, n := range group {
		names[i] = e.name(n)
	}
	return names
}

// groups are the instances that ended in the same way with the same output. The successes stand before the failures, and
// in both the largest group last: what most instances agree on stands nearest to the end.
func (e ends) groups(numbers iter.Seq[int32]) [][]int32 {
	var all []int32
	for n := range numbers {
		if e.of(n).shows() {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Or(e.of(a).compare(e.of(b)), cmp.Compare(a, b)) })
	var groups [][]int32
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && e.of(all[from]).compare(e.of(all[to])) == 0 {
			to++
		}
		groups = append(groups, all[from:to])
		from = to
	}
	failed := func(group []int32) int {
		if e.of(group[0]).cause == fleet.CauseSuccess {
			return 0
		}
		return 1
	}
	slices.SortFunc(groups, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(failed(a), failed(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a[0], b[0]))
	})
	return groups
}

// deliveries say where the whole outputs of a group are, if they were cut.
func (e ends) deliveries(group []int32) []string {
	if e.of(group[0]).dropped == 0 {
		return nil
	}
	return Deliveries(e.names(group), func(i int) *fleet.Delivery { return e.of(group[i]).delivery })
}

func (e end) write(w io.Writer, style Style, names []string, instances int, output fleet.Output, deliveries []string) error {
	behind := ""
	if instances > 1 {
		behind = fmt.Sprintf(" (%d instances)", instances)
	}
	switch e.cause {
	case fleet.CauseSuccess:
	case fleet.CauseExit:
		behind += ": " + paintCause(style, e.cause, fmt.Sprintf("exit %d", e.exit))
	default:
		behind += ": " + paintCause(style, e.cause, string(e.cause))
	}
	title := style.heading(names, columnsOf("==>  <==")+columnsOf(behind)) + behind
	if style.markdown {
		return e.writeMarkdown(w, title, output, deliveries)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s %s %s\n", style.Paint.Dim("==>"), style.Paint.Bold(title), style.Paint.Dim("<=="))
	switch {
	case e.lost:
		b.WriteString(style.Paint.Warn("(the service has no output of this run)") + "\n")
	case output == "" && !e.seen:
		b.WriteString(style.Paint.Dim("(no output)") + "\n")
	}
	if e.dropped > 0 {
		b.WriteString(style.Paint.Warn(fmt.Sprintf("(%d bytes were cut: an instance keeps the last 24 KB)", e.dropped)) + "\n")
	}
	for _, delivery := range deliveries {
		b.WriteString(style.Paint.Warn("("+delivery+")") + "\n")
	}
	if output != "" {
		b.WriteString(strings.TrimSuffix(style.clean(string(output)), "\n") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
