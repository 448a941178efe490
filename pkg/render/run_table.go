package render

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// tableRows is how many lines of the screen are not for a table's rows: the header, an empty line, the line that sums up, and the
// prompt that follows.
const tableRows = 4

// WriteTable writes the outputs, the same ones once, then how the instances ended, those that failed last, and a line that sums
// up. Instances have a row each in a wide table and where the screen has room for them, else those that ended in the same way
// share one.
func (r *Run) WriteTable(w io.Writer, style Style) error {
	switch {
	case r.submitted:
		return r.writeSubmitted(w, style)
	case r.periodic:
		return r.writePeriodic(w, style)
	case style.markdown != nil:
		return r.writeMarkdown(w, style)
	}
	if err := writeAbove(w, style, r.ends(), r.numbers(0)); err != nil {
		return err
	}
	if err := r.writeEnds(w, style, r.numbers(0), style.rows(tableRows)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", style.wrapped(r.sum(style)))
	return err
}

// writeAbove writes outputs above a table.
func writeAbove(w io.Writer, style Style, e ends, numbers iter.Seq[int32]) error {
	some, err := e.write(w, style, numbers)
	if err == nil && some {
		_, err = io.WriteString(w, "\n")
	}
	return err
}

// writeMarkdown writes the line that sums up first, and the outputs last.
func (r *Run) writeMarkdown(w io.Writer, style Style) error {
	style.markdown.outputs = true
	if err := style.markdown.sum(w, r.sum(style)); err != nil {
		return err
	}
	if err := r.writeEnds(w, style, r.numbers(0), 0); err != nil {
		return err
	}
	_, err := r.ends().write(w, style, r.numbers(0))
	return err
}

// writeEnds writes how some instances ended.
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

func (r *Run) endsTable(numbers iter.Seq[int32]) endsTable {
	targets := r.state.Targets
	return endsTable{
		numbers: numbers, regions: r.regions > 1, profiles: r.profiles > 1,
		name: func(n int32) string { return r.state.NameOf(&targets[n]) },
		of: func(n int32) endRow {
			t := &targets[n]
			e := endRow{
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

// sum returns the line that sums up.
func (r *Run) sum(style Style) string {
	line := sum(r.Counts, "instance", r.results(style))
	if d := r.took(); d > 0 && r.Counts["Total"] > 0 {
		line += fmt.Sprintf(" in %s", d.Round(precision(d)))
	}
	if r.Fanout > 0 {
		line += fmt.Sprintf(", at most %d at a time", r.Fanout)
	}
	if n := r.state.MissingOutputs(); n > 0 {
		line += ", " + style.Paint.Warn(plural(n, "unknown output"))
	}
	switch r.Gate {
	case fleet.GateMaxFailures:
		line += ", stopped by --max-failures"
	case fleet.GateDeclined:
		line += ", the next wave was declined"
	case fleet.GateCommand:
		line += ", stopped by --gate"
	}
	if r.shown != nil {
		line += fmt.Sprintf(" (%d shown)", r.shownCounts()["Total"])
	}
	return line
}

// writeRows writes a row a target, with its site behind its id and name where there are several. row appends the other cells.
func (r *Run) writeRows(w io.Writer, style Style, header []string, order iter.Seq[int32], row func([]string, *RunInstance) []string) error {
	const behind = 2
	header = slices.Insert(header, behind, placeTitles(r.regions > 1, r.profiles > 1)...)
	fit := narrowing{drop: []string{"TIME", "PROFILE"}, cut: []string{"INFO", "PROFILE", "NAME"}}
	return writeTable(w, style, fit, header, func(yield func([]string) bool) {
		var i RunInstance
		cells := make([]string, 0, len(header))
		for n := range order {
			i = r.instance(&r.state.Targets[n])
			cells = row(cells[:0], &i)
			if r.profiles > 1 {
				cells = slices.Insert(cells, behind, cell(i.Profile))
			}
			if r.regions > 1 {
				cells = slices.Insert(cells, behind, cell(i.RegionId))
			}
			if !yield(cells) {
				return
			}
		}
	})
}

// failuresFirst returns the numbers of the targets with those first that did not succeed.
func (r *Run) failuresFirst(yield func(int32) bool) {
	for _, succeeded := range []bool{false, true} {
		for n := range r.numbers(0) {
			if (r.state.Targets[n].Cause == fleet.CauseSuccess) == succeeded && !yield(n) {
				return
			}
		}
	}
}

// shownCounts are those of the instances that are shown.
func (r *Run) shownCounts() Counts {
	if r.shown == nil {
		return r.Counts
	}
	counts := Counts{}
	for n := range r.numbers(0) {
		counts["Total"]++
		if cause := r.state.Targets[n].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	return counts
}

// writeSubmitted writes a row a call, of what goes on by itself.
func (r *Run) writeSubmitted(w io.Writer, style Style) error {
	rows := make([][]string, 0, len(r.Invocations))
	for _, i := range r.Invocations {
		rows = append(rows, []string{cell(i.InvokeId), strconv.Itoa(i.InstanceCount), cell(i.NextTime)})
	}
	return writeTable(w, style, narrowing{}, []string{"INVOCATION", "INSTANCES", "NEXT RUN"}, slices.Values(rows))
}

// writePeriodic writes a row an instance: its latest run, how many there were, and when the next one is due. Where the screen has no
// room for that, those whose latest run ended in the same way share a row.
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
	e := endRow{status: i.InvocationStatus, cause: i.Cause, code: i.ErrorCode, info: i.ErrorInfo}
	return append(cells, cell(i.InstanceId), cell(i.InstanceName), e.shown(style), i.exit(), times.of(i.StartTime, i.FinishTime), cell(e.shownInfo()))
}

func (i *RunInstance) exit() string {
	if i.ExitCode == nil {
		return "-"
	}
	return strconv.FormatInt(*i.ExitCode, 10)
}

func paintCause(style Style, cause fleet.Cause, text string) string {
	switch cause {
	case fleet.CauseSuccess:
		return style.Paint.Good(text)
	case fleet.CauseSkipped, fleet.CauseUnsent, fleet.CauseUnknown, fleet.CauseCancelled:
		return style.Paint.Warn(text)
	}
	return style.Paint.Bad(text)
}

// durations remembers the last one: neighbours often have the same.
type durations struct{ start, finish, text string }

func (d *durations) of(start, finish string) string {
	if d.text == "" || d.start != start || d.finish != finish {
		*d = durations{start, finish, duration(start, finish)}
	}
	return d.text
}

// duration is what the service's times, which are to the second, allow to say.
func duration(start, finish string) string {
	d, ok := lasted(start, finish)
	if !ok {
		return "-"
	}
	return wholeSeconds(d)
}

// lasted returns how long something took by the service's times. It returns false if it has not ended.
func lasted(start, finish string) (time.Duration, bool) {
	from, to := assist.ParseTime(start), assist.ParseTime(finish)
	return to.Sub(from), !from.IsZero() && !to.IsZero() && !to.Before(from)
}

func wholeSeconds(d time.Duration) string {
	if d > 0 {
		return d.String()
	}
	return "<1s"
}

// ends are those of the run's targets.
func (r *Run) ends() ends {
	targets := r.state.Targets
	return ends{
		outputs: r.outputs, earlier: r.earlier,
		name:      func(n int32) string { return r.state.NameOf(&targets[n]) },
		called:    func(n int32) string { return cmp.Or(targets[n].InstanceName, targets[n].InstanceId) },
		instances: r.instances,
		of: func(n int32) end {
			t := &targets[n]
			e := end{cause: t.Cause, output: t.Output, dropped: t.Dropped, delivery: t.Delivery}
			if t.Cause != "" && t.Cause != fleet.CauseUnknown {
				e.missing = r.state.OutputError(t)
			}
			if r.told != nil && r.told(t) {
				if e.dropped == 0 || Delivery(t.Delivery) == "" {
					return end{}
				}
				e.output, e.seen = fleet.OutputKey{}, true // where the whole of it is has not been told
			}
			e.before, e.compared = r.before[instanceOf(t)]
			if code := r.exitCode(t); code != nil {
				e.exit, e.exited = *code, true
			}
			return e
		},
	}
}

// instances returns the number of distinct instances among some targets. In a watch, an instance may be a target of several
// invocations.
func (r *Run) instances(numbers []int32) int {
	if r.state.RunId != "" {
		return len(numbers)
	}
	distinct := map[instanceAt]struct{}{}
	for _, n := range numbers {
		distinct[instanceOf(&r.state.Targets[n])] = struct{}{}
	}
	return len(distinct)
}

// numbers are those of a wave's targets that are shown, or of all for the wave 0.
func (r *Run) numbers(wave int) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for n := range r.state.Targets {
			t := &r.state.Targets[n]
			if (wave == 0 || t.Wave == wave) && (r.shown == nil || r.shown(t)) && !yield(int32(n)) {
				return
			}
		}
	}
}

// sum returns the counts in one line: 120 instances: 61 success, 59 exit; or no instances.
func sum(counts Counts, noun, results string) string {
	if counts["Total"] == 0 {
		return "no " + noun + "s"
	}
	return plural(counts["Total"], noun) + ": " + results
}

func results(style Style, counts Counts) string {
	parts, rest := byCause(style, counts)
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d under way", rest))
	}
	return strings.Join(parts, ", ")
}

// byCause returns a part for each cause, and how many have none.
func byCause(style Style, counts Counts) (parts []string, rest int) {
	rest = counts["Total"]
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 {
			parts = append(parts, paintCause(style, cause, fmt.Sprintf("%d %s", n, cause)))
			rest -= n
		}
	}
	return parts, rest
}

// results is results of a run, which knows what runs on after the wait, and what has not been sent.
func (r *Run) results(style Style) string {
	counts, running, unsent := maps.Clone(r.Counts), 0, 0
	for i := range r.state.Targets {
		t := &r.state.Targets[i]
		if e := (endRow{cause: t.Cause, status: t.InvocationStatus, code: t.ErrorCode}); e.running() {
			running++
		} else if t.Cause == "" && t.InvokeId == "" {
			unsent++
		}
	}
	unsent = max(0, unsent-r.state.InDoubt())
	counts[string(fleet.CauseUnknown)] -= running
	parts, rest := byCause(style, counts)
	if running > 0 {
		parts = append(parts, paintCause(style, fleet.CauseUnknown, fmt.Sprintf("%d still running", running)))
	}
	if under := rest - running - unsent; under > 0 {
		parts = append(parts, fmt.Sprintf("%d under way", under))
	}
	if unsent > 0 {
		parts = append(parts, fmt.Sprintf("%d not sent yet", unsent))
	}
	return strings.Join(parts, ", ")
}

// number is nothing for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func precision(d time.Duration) time.Duration {
	switch {
	case d < time.Second:
		return time.Millisecond
	case d < time.Minute:
		return 100 * time.Millisecond
	}
	return time.Second
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
