package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/target/nodeset"
)

// mostOutputs is the largest number of bytes of outputs in a page. A browser is fast with that, and slow with ten times as
// much.
const mostOutputs = 16 << 20

// headingColumns is the largest width of the names in a group's heading.
const headingColumns = 400

// outcome has the values that the targets of a group share.
type outcome struct {
	cause   fleet.Cause
	exit    int64
	exited  bool
	output  fleet.OutputKey
	dropped int64
	missing string // why the output is not known
	code    string // why the script did not run, if it did not
	info    string
}

func outcomeOf(s *fleet.State, t *fleet.TargetState) outcome {
	e := outcome{cause: t.Cause, output: t.Output, dropped: t.Dropped}
	if t.Cause != "" && t.Cause != fleet.CauseUnknown {
		e.missing = s.OutputError(t)
	}
	if e.exit, e.exited = t.Exited(); !e.exited {
		e.exit, e.code, e.info = 0, t.ErrorCode, t.ErrorInfo
	}
	return e
}

// group is the targets with the same outcome and the same output.
type group struct {
	appearance
	Number  int // from 1
	N       int
	Names   string
	How     string
	Missing string // why the output is not known
	Dropped int64
	Whole   []string // where the whole outputs are, if bytes were dropped
	Long    bool     // it may scroll

	end     outcome
	outputs fleet.Outputs
}

// Text returns the output, made safe to show, or why it cannot be read.
func (g group) Text() string {
	if g.end.output == (fleet.OutputKey{}) {
		return ""
	}
	output, err := g.outputs.Output(g.end.output)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return strings.TrimSuffix(shown(string(output)), "\n")
}

// manyGroups is the number of groups that a browser lays out together.
const manyGroups = 50

// Breaks reports whether the group is the first of those that are laid out together.
func (g group) Breaks() bool { return g.Number > 1 && (g.Number-1)%manyGroups == 0 }

// leftOut counts what does not fit on the page.
type leftOut struct{ Groups, Targets int }

// groups returns the groups, those that failed first, then by size, and the group number of each target. The number is 0 for
// groups that are left out because the page already has its maximum of output bytes.
func (r *run) groups(most int) (shown []group, of []int, left leftOut) {
	members := map[outcome][]int32{}
	for i := range r.State.Targets {
		e := outcomeOf(r.State, &r.State.Targets[i])
		members[e] = append(members[e], int32(i))
	}
	all := make([][]int32, 0, len(members))
	for _, list := range members {
		all = append(all, list)
	}
	succeeded := func(list []int32) int {
		if r.State.Targets[list[0]].Cause == fleet.CauseSuccess {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(succeeded(a), succeeded(b)), cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	of = make([]int, len(r.State.Targets))
	for _, list := range all {
		g := r.group(list)
		if g.end.output != (fleet.OutputKey{}) && most >= 0 {
			text := g.Text()
			g.Long = scrolls(text)
			most -= len(text)
		}
		if g.end.output != (fleet.OutputKey{}) && most < 0 { // the first output that does not fit is small in comparison
			left.Groups++
			left.Targets += len(list)
			continue
		}
		g.Number = len(shown) + 1
		shown = append(shown, g)
		for _, i := range list {
			of[i] = g.Number
		}
	}
	return shown, of, left
}

func (r *run) group(list []int32) group {
	first := &r.State.Targets[list[0]]
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = r.nameOf(&r.State.Targets[n])
	}
	e := outcomeOf(r.State, first)
	var whole []string
	if e.dropped > 0 {
		whole = render.Deliveries(names, func(i int) *fleet.Delivery { return r.State.Targets[list[i]].Delivery })
	}
	return group{
		appearance: appearances()[appearanceIndex(first.Cause)], N: len(list), Names: nodeset.Shorten(names, headingColumns), How: shown(how(e)),
		Missing: e.missing, Dropped: e.dropped, Whole: whole, end: e, outputs: r.Outputs,
	}
}

func how(e outcome) string {
	switch e.cause {
	case fleet.CauseSuccess:
		return "success"
	case fleet.CauseExit:
		return fmt.Sprintf("exit %d", e.exit)
	}
	text := cmp.Or(string(e.cause), underWay)
	for _, part := range []string{e.code, e.info} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

const (
	narrowest  = 36 // columns of an output in a narrow window
	shownLines = 20 // lines of an output before it scrolls
)

// scrolls reports whether an output may be higher than its box, at least in a narrow window.
func scrolls(text string) bool {
	lines := 0
	for line := range strings.Lines(text) {
		lines += 1 + len(line)/narrowest
		if lines > shownLines {
			return true
		}
	}
	return false
}
