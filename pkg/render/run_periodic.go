package render

import (
	"io"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// periodicRows is how many lines of the screen are not for a table's rows: the header, and the prompt that follows.
const periodicRows = 2

// periodicKey is what the instances of a row have in common.
type periodicKey struct {
	site   fleet.Site
	status assist.Status
	exit   string
	next   string
}

// writePeriodicFolded writes a row for each way in which the latest runs ended.
func (r *Run) writePeriodicFolded(w io.Writer, style Style, next map[string]string, rows int) error {
	key := func(n int32) periodicKey {
		t := &r.state.Targets[n]
		i := RunInstance{ExitCode: r.exitCode(t)}
		return periodicKey{t.Site, t.InvocationStatus, i.exit(), next[t.InvokeId]}
	}
	header := placeTitles(r.regions > 1, r.profiles > 1)
	return foldedTable{
		noun: "instances", header: append(header, "STATUS", "EXIT", "NEXT RUN"), groups: foldBy(r.numbers(0), key), rows: rows,
		fit: narrowing{drop: []string{"PROFILE"}, cut: []string{"PROFILE"}},
		cells: func(group []int32) []string {
			of := key(group[0])
			return append(placeCells(of.site, r.regions > 1, r.profiles > 1), paintStatus(style, of.status), of.exit, cell(of.next))
		},
		name: func(n int32) string { return r.state.NameOf(&r.state.Targets[n]) },
	}.write(w, style)
}
