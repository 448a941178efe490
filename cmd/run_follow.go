package cmd

import (
	"context"
	"io"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
	"muster/pkg/term"
)

// follows refuses --follow for recorded runs that it cannot apply to.
func (f *outputFlags) follows(record *journal.Record) error {
	switch {
	case f.follow && record.Plan.Command.Send != nil:
		return usagef("--follow is for scripts: run %s sent files, which have no output", record.RunId)
	case f.follow && record.Deferred:
		return noFollowError()
	}
	return nil
}

func noFollowError() error {
	return usagef("--follow is for commands that are waited for: one with --frequency, or at a reboot, is only sent; muster watch --follow follows it")
}

// linePrinter prints what scripts write while they run. A nil one prints nothing.
type linePrinter struct {
	streams  *term.Streams
	lines    *render.Lines
	out      io.Writer // nil if events are printed, which include the lines
	periodic bool      // there has been a periodic invocation
	above    bool      // the report's table follows on the same stream, and need not repeat the lines
	printed  bool
	complete map[outputKey]bool // outputs that were printed completely
}

type outputKey struct{ invokeID, instanceID string }

// newLinePrinter returns nil without --follow. Lines go to stderr if stdout is a document.
func newLinePrinter(p *printer, files outputFlags) *linePrinter {
	if !files.follow {
		return nil
	}
	f := &linePrinter{streams: p.streams, complete: map[outputKey]bool{}}
	switch render.Format(p.config.Output) {
	case render.NDJSON:
		return f
	case render.Table, render.Wide:
		f.out, f.lines = p.streams.Out, render.NewLines(p.outStyle())
		f.above = !files.diff && files.diffRun == ""
	default:
		style := p.errStyle()
		style.Grouping = p.grouping
		f.out, f.lines = p.streams.Err, render.NewLines(style)
	}
	return f
}

// periodicNote returns a note at the first periodic invocation, and otherwise "".
func (f *linePrinter) periodicNote(event fleet.Event) string {
	if f == nil || f.periodic || !event.Periodic {
		return ""
	}
	f.periodic = true
	return "the output of a periodic command is shown after each run: agents report nothing of it before"
}

// show prints the lines of an event. If that fails, the wait ends.
func (f *linePrinter) show(event fleet.Event, state *fleet.State, progress *term.Progress, cancel context.CancelCauseFunc) {
	if f == nil || f.out == nil {
		return
	}
	switch event.Event {
	case fleet.LinesEvent:
		text := f.lines.Text(event, state)
		f.printed = true
		progress.Do(func() {
			if _, err := io.WriteString(f.out, text); err != nil && f.out == f.streams.Out {
				cancel(err)
			}
		})
	case fleet.OutputEvent:
		if !event.Result.Lost {
			f.complete[outputKey{event.InvokeId, event.Result.InstanceId}] = true
		}
	}
}

func (f *linePrinter) has(t *fleet.TargetState) bool {
	return f.complete[outputKey{t.InvokeId, t.InstanceId}]
}

// omitFrom omits from the report what is printed above it, and separates the two.
func (f *linePrinter) omitFrom(report *render.Run) {
	if f == nil || !f.above {
		return
	}
	report.LeaveOut(f.has)
	if f.printed {
		_, _ = io.WriteString(f.out, "\n") // printing the report will return the same error
	}
}

// omitFromWave omits from a wave's report on stderr the outputs that its reader has already seen.
func (f *linePrinter) omitFromWave(report *render.Run) {
	if f != nil && (f.out == f.streams.Err || f.out == f.streams.Out && f.streams.OutIsTerminal()) {
		report.LeaveOut(f.has)
	}
}
