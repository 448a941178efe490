package render

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// tableRows is the number of screen lines around the rows of a table: the header, an empty line, the summary, and the prompt.
const tableRows = 4

// WriteTable writes the outputs, equal ones once, then the outcomes with failures last, and a summary line. Instances have a
// row each in a wide table and if they fit on the screen; otherwise those with the same outcome share a row.
func (r *Run) WriteTable(w io.Writer, style Style) error {
	switch {
	case r.submitted:
		return r.writeSubmitted(w, style)
	case r.periodic:
		return r.writePeriodic(w, style)
	case style.markdown != nil:
		return r.writeMarkdown(w, style)
	}
	if err := writeAbove(w, style, r.outcomes(), r.numbers(0)); err != nil {
		return err
	}
	if err := r.writeEnds(w, style, r.numbers(0), style.rows(tableRows)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", style.wrapped(r.sum(style)))
	return err
}

// writeAbove writes outputs above a table.
func writeAbove(w io.Writer, style Style, e outcomes, numbers iter.Seq[int32]) error {
	some, err := e.write(w, style, numbers)
	if err == nil && some {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// writeMarkdown writes the summary line first, and the outputs last.
func (r *Run) writeMarkdown(w io.Writer, style Style) error {
	style.markdown.outputs = true
	if err := style.markdown.sum(w, r.sum(style)); err != nil {
		return err
	}
	if err := r.writeEnds(w, style, r.numbers(0), 0); err != nil {
		return err
	}
	_, err := r.outcomes().write(w, style, r.numbers(0))
	return err
}

// writeEnds writes the outcomes of some instances.
func (r *Run) writeEnds(w io.Writer, style Style, numbers iter.Seq[int32], rows int) error {
	table := r.endsTable(numbers)
	if groups, by, folded := table.folds(style, rows); folded {
		return table.writeFolded(w, style, groups, by, rows)
	}
	header := []string{"INSTANCE", "NAME", "STATUS", "EXIT", "TIME", "INFO"}
	var times durations
	row := func(cells []string, i *RunInstance) []string { return i.row(cells, style, &times) }
	if style.wide {
		header = append(header, "STARTED", "FINISHED", "WAVE", "INVOCATION")
		row = func(cells []string, i *RunInstance) []string {
			return append(i.row(cells, style, &times), cell(i.StartTime), cell(i.FinishTime), cell(number(i.Wave)), cell(i.InvokeId))
		}
	}
	if style.markdown != nil {
		return r.writeRows(w, style, header, r.failuresFirst, row)
	}
	return r.writeRows(w, style, header, table.failuresLast(), row)
}

func (r *Run) endsTable(numbers iter.Seq[int32]) outcomesTable {
	targets := r.state.Targets
	return outcomesTable{
		numbers: numbers, regions: r.regions > 1, profiles: r.profiles > 1,
		name: func(n int32) string { return r.state.NameOf(&targets[n]) },
		of: func(n int32) outcomeRow {
			t := &targets[n]
			e := outcomeRow{
				id: t.InstanceId, name: t.InstanceName, site: t.Site, status: t.InvocationStatus, cause: t.Cause,
				code: t.ErrorCode, info: t.ErrorInfo, start: t.StartTime, finish: t.FinishTime,
			}
			if code := r.exitCode(t); code != nil {
				e.exit, e.exited = *code, true
			}
			return e
		},
	}
}

// writeRows writes a row for each target, with its site after its id and name if there are several. row appends the other
// cells.
func (r *Run) writeRows(w io.Writer, style Style, header []string, order iter.Seq[int32], row func([]string, *RunInstance) []string) error {
	const after = 2
	header = slices.Insert(header, after, placeTitles(r.regions > 1, r.profiles > 1)...)
	fit := narrowing{drop: []string{"TIME", "PROFILE"}, cut: []string{"INFO", "PROFILE", "NAME"}}
	return writeTable(w, style, fit, header, func(yield func([]string) bool) {
		var i RunInstance
		cells := make([]string, 0, len(header))
		for n := range order {
			i = r.instance(&r.state.Targets[n])
			cells = row(cells[:0], &i)
			if r.profiles > 1 {
				cells = slices.Insert(cells, after, cell(i.Profile))
			}
			if r.regions > 1 {
				cells = slices.Insert(cells, after, cell(i.RegionId))
			}
			if !yield(cells) {
				return
			}
		}
	})
}

// failuresFirst returns the numbers of the targets, starting with those that did not succeed.
func (r *Run) failuresFirst(yield func(int32) bool) {
	for _, succeeded := range []bool{false, true} {
		for n := range r.numbers(0) {
			if (r.state.Targets[n].Cause == fleet.CauseSuccess) == succeeded && !yield(n) {
				return
			}
		}
	}
}

// writeSubmitted writes a row for each call that was not waited for.
func (r *Run) writeSubmitted(w io.Writer, style Style) error {
	rows := make([][]string, 0, len(r.Invocations))
	for _, i := range r.Invocations {
		rows = append(rows, []string{cell(i.InvokeId), strconv.Itoa(i.InstanceCount), cell(i.NextTime)})
	}
	return writeTable(w, style, narrowing{}, []string{"INVOCATION", "INSTANCES", "NEXT RUN"}, slices.Values(rows))
}

// writePeriodic writes a row for each instance: its latest run, the number of runs, and the time of the next. If the screen has
// no room for that, instances whose latest run had the same outcome share a row.
func (r *Run) writePeriodic(w io.Writer, style Style) error {
	next := map[string]string{}
	for _, invocation := range r.Invocations {
		next[invocation.InvokeId] = invocation.NextTime
	}
	if rows := style.rows(periodicRows); !style.wide && style.markdown == nil && len(r.state.Targets) > rows {
		return r.writePeriodicFolded(w, style, next, rows)
	}
	header := []string{"INSTANCE", "NAME", "STATUS", "RUNS", "EXIT", "LAST RUN", "TIME", "NEXT RUN"}
	return r.writeRows(w, style, header, r.numbers(0), func(cells []string, i *RunInstance) []string {
		return append(cells,
			cell(i.InstanceId), cell(i.InstanceName), paintStatus(style, i.InvocationStatus), strconv.FormatInt(i.Repeats, 10), i.exit(),
			cell(i.StartTime), duration(i.StartTime, i.FinishTime), cell(next[i.InvokeId]))
	})
}

// row appends the cells of a table.
func (i *RunInstance) row(cells []string, style Style, times *durations) []string {
	e := outcomeRow{status: i.InvocationStatus, cause: i.Cause, code: i.ErrorCode, info: i.ErrorInfo}
	return append(cells, cell(i.InstanceId), cell(i.InstanceName), e.shown(style), i.exit(), times.of(i.StartTime, i.FinishTime), cell(e.shownInfo()))
}

func (i *RunInstance) exit() string {
	if i.ExitCode == nil {
		return "-"
	}
	return strconv.FormatInt(*i.ExitCode, 10)
}

// periodicRows is the number of screen lines around the rows of a table: the header, and the prompt after it.
const periodicRows = 2

// periodicKey has the values that the instances of a row share.
type periodicKey struct {
	site   fleet.Site
	status assist.Status
	exit   string
	next   string
}

// writePeriodicFolded writes a row for each outcome of the latest runs.
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
