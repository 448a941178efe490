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

// mostOutputs is how many bytes of outputs a page has at most. A browser is quick with so much, and slow with ten times that.
const mostOutputs = 16 << 20

// headingColumns limits the names in a group's heading.
const headingColumns = 400

// end is what targets share that stand in one group.
type end struct {
	cause   fleet.Cause
	exit    int64
	exited  bool
	output  fleet.OutputKey
	dropped int64
	missing string // why the output is not known
	code    string // why it did not run, where it did not
	info    string
}

func endOf(s *fleet.State, t *fleet.TargetState) end {
	e := end{cause: t.Cause, output: t.Output, dropped: t.Dropped}
	if t.Cause != "" && t.Cause != fleet.CauseUnknown {
		e.missing = s.OutputError(t)
	}
	if e.exit, e.exited = t.Exited(); !e.exited {
		e.exit, e.code, e.info = 0, t.ErrorCode, t.ErrorInfo
	}
	return e
}

// group is the targets that ended alike, with the same output.
type group struct {
	look
	Number  int // from 1 on
	N       int
	Names   string
	How     string
	Missing string // why the output is not known
	Dropped int64
	Whole   []string // where the whole outputs are, if they were cut
	Long    bool     // it may be scrolled

	end     end
	outputs fleet.Outputs
}

// Text returns the output, made to show, or why it cannot be read back.
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

// manyGroups is how many groups a browser shows or leaves out as one.
const manyGroups = 50

// Breaks reports whether it is the first of those that are shown as one.
func (g group) Breaks() bool { return g.Number > 1 && (g.Number-1)%manyGroups == 0 }

// leftOut is what a page has no room for.
type leftOut struct{ Groups, Targets int }

// groups puts the targets together, those that failed first, and the largest first, and numbers them by target; 0 is the
// number of what was left out: the outputs that come when the page has as many bytes of them as it may.
func (r *run) groups(most int) (shown []group, of []int, left leftOut) {
	members := map[end][]int32{}
	for i := range r.State.Targets {
		e := endOf(r.State, &r.State.Targets[i])
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
		if g.end.output != (fleet.OutputKey{}) && most < 0 { // the first that has no room is small beside the room
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
	e := endOf(r.State, first)
	var whole []string
	if e.dropped > 0 {
		whole = render.Deliveries(names, func(i int) *fleet.Delivery { return r.State.Targets[list[i]].Delivery })
	}
	return group{
		look: looks()[lookAt(first.Cause)], N: len(list), Names: nodeset.Shorten(names, headingColumns), How: shown(how(e)),
		Missing: e.missing, Dropped: e.dropped, Whole: whole, end: e, outputs: r.Outputs,
	}
}

func how(e end) string {
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
