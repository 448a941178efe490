package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/term"
)

// WriteTable writes a row an instance, then the outputs, the same ones once, then a line that sums up.
func (r *Run) WriteTable(w io.Writer, style Style) error {
	switch {
	case r.submitted:
		return r.writeSubmitted(w, style)
	case r.periodic:
		return r.writePeriodic(w, style)
	}
	rows := make([][]string, 0, len(r.Instances))
	for i := range r.Instances {
		rows = append(rows, r.Instances[i].row(style))
	}
	if err := writeTable(w, style, []string{"INSTANCE", "NAME", "STATUS", "EXIT", "TIME", "INFO"}, rows); err != nil {
		return err
	}
	return r.writeEnd(w, style)
}

// writeEnd writes the outputs and the line that sums up.
func (r *Run) writeEnd(w io.Writer, style Style) error {
	if err := r.writeOutputs(w, style); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.summary(style))
	return err
}

// writeSubmitted writes a row a call, of what goes on by itself.
func (r *Run) writeSubmitted(w io.Writer, style Style) error {
	rows := make([][]string, 0, len(r.Invocations))
	for _, i := range r.Invocations {
		rows = append(rows, []string{i.InvokeId, strconv.Itoa(i.InstanceCount), cell(i.NextTime)})
	}
	return writeTable(w, style, []string{"INVOCATION", "INSTANCES", "NEXT RUN"}, rows)
}

// writePeriodic writes a row an instance: its latest run, how many there were, and when the next one is due.
func (r *Run) writePeriodic(w io.Writer, style Style) error {
	next := map[string]string{}
	for _, invocation := range r.Invocations {
		next[invocation.InvokeId] = invocation.NextTime
	}
	rows := make([][]string, 0, len(r.Instances))
	for n := range r.Instances {
		i := &r.Instances[n]
		exit := "-"
		if i.ExitCode != nil {
			exit = strconv.FormatInt(*i.ExitCode, 10)
		}
		rows = append(rows, []string{
			i.InstanceId, cell(i.InstanceName), paintStatus(style, i.InvocationStatus), strconv.FormatInt(i.Repeats, 10), exit,
			cell(i.StartTime), duration(i.StartTime, i.FinishTime), cell(next[i.InvokeId]),
		})
	}
	return writeTable(w, style, []string{"INSTANCE", "NAME", "STATUS", "RUNS", "EXIT", "LAST RUN", "TIME", "NEXT RUN"}, rows)
}

func (i *RunInstance) row(style Style) []string {
	exit := "-"
	if i.ExitCode != nil {
		exit = strconv.FormatInt(*i.ExitCode, 10)
	}
	info := i.ErrorCode
	if i.Cause == fleet.CauseExit && info == "ExitCodeNonzero" {
		info = "" // the exit code says it
	} else if i.ErrorInfo != "" {
		info += ": " + i.ErrorInfo
	}
	return []string{i.InstanceId, cell(i.InstanceName), i.status(style), exit, duration(i.StartTime, i.FinishTime), cell(info)}
}

// status is the cause, or the state of what is under way.
func (i *RunInstance) status(style Style) string {
	if i.Cause == "" {
		return string(i.InvocationStatus)
	}
	return paintCause(style, i.Cause, string(i.Cause))
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

// duration is what the service's times, which are to the second, allow to say.
func duration(start, finish string) string {
	from, to := assist.ParseTime(start), assist.ParseTime(finish)
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return "-"
	}
	if d := to.Sub(from); d > 0 {
		return d.String()
	}
	return "<1s"
}

// outputGroup is the instances that ended in the same way with the same output.
type outputGroup struct {
	cause   fleet.Cause
	exit    int64
	text    string
	dropped int64
	lost    bool
	names   []string
}

func (r *Run) writeOutputs(w io.Writer, style Style) error {
	for _, group := range r.outputGroups() {
		if err := group.write(w, style); err != nil {
			return err
		}
	}
	return nil
}

// outputGroups has the successes before the failures, and in both the largest group last: what most instances agree on
// stands nearest to the end.
func (r *Run) outputGroups() []*outputGroup {
	type key struct {
		cause   fleet.Cause
		exit    int64
		text    string
		dropped int64
		lost    bool
	}
	groups := map[key]*outputGroup{}
	var order []*outputGroup
	for n := range r.Instances {
		i := &r.Instances[n]
		if i.ExitCode == nil && i.String() == "" {
			continue
		}
		k := key{cause: i.Cause, text: i.String(), dropped: i.Dropped, lost: i.lost}
		if i.ExitCode != nil {
			k.exit = *i.ExitCode
		}
		if groups[k] == nil {
			groups[k] = &outputGroup{cause: k.cause, exit: k.exit, text: k.text, dropped: k.dropped, lost: k.lost}
			order = append(order, groups[k])
		}
		groups[k].names = append(groups[k].names, cmp.Or(i.InstanceName, i.InstanceId))
	}
	slices.SortStableFunc(order, func(a, b *outputGroup) int {
		failed := func(g *outputGroup) int {
			if g.cause == fleet.CauseSuccess {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(failed(a), failed(b)), cmp.Compare(len(a.names), len(b.names)))
	})
	return order
}

func (g *outputGroup) write(w io.Writer, style Style) error {
	title := term.Sanitize(Fold(g.names))
	if len(g.names) > 1 {
		title += fmt.Sprintf(" (%d instances)", len(g.names))
	}
	switch g.cause {
	case fleet.CauseSuccess:
	case fleet.CauseExit:
		title += ": " + paintCause(style, g.cause, fmt.Sprintf("exit %d", g.exit))
	default:
		title += ": " + paintCause(style, g.cause, string(g.cause))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s %s %s\n", style.Paint.Dim("==>"), style.Paint.Bold(title), style.Paint.Dim("<=="))
	switch {
	case g.lost:
		b.WriteString(style.Paint.Warn("(the service has no output of this run)") + "\n")
	case g.text == "":
		b.WriteString(style.Paint.Dim("(no output)") + "\n")
	}
	if g.dropped > 0 {
		b.WriteString(style.Paint.Warn(fmt.Sprintf("(%d bytes were cut: an instance keeps the last 24 KB)", g.dropped)) + "\n")
	}
	if g.text != "" {
		b.WriteString(strings.TrimSuffix(term.Sanitize(g.text), "\n") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// summary is the line that says it all: 120 instances: 61 success, 59 exit in 1.3s.
func (r *Run) summary(style Style) string {
	var parts []string
	rest := r.Counts["Total"]
	for _, cause := range fleet.Causes() {
		if n := r.Counts[string(cause)]; n > 0 {
			parts = append(parts, paintCause(style, cause, fmt.Sprintf("%d %s", n, cause)))
			rest -= n
		}
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d under way", rest))
	}
	line := plural(r.Counts["Total"], cmp.Or(r.noun, "instance")) + ": " + strings.Join(parts, ", ")
	if r.took > 0 {
		line += fmt.Sprintf(" in %s", r.took.Round(precision(r.took)))
	}
	return line
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
