package cmd

import (
	"context"
	"io"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
	"muster/pkg/term"
)

// follows refuses what means nothing for a run that a journal tells of.
func (f *outputFlags) follows(record *journal.Record) error {
	switch {
	case f.follow && record.Plan.Command.Send != nil:
		return usagef("--follow is for scripts: run %s sent files, which give no output", record.RunId)
	case f.follow && record.Deferred:
		return notFollowed()
	}
	return nil
}

func notFollowed() error {
	return usagef("--follow is for what is waited for: a command with --frequency, or at a reboot, is sent and left; muster watch --follow follows it")
}

// linePrinter are what scripts write while they run, printed as it comes. Nil ones print nothing.
type linePrinter struct {
	streams *term.Streams
	lines   *render.Lines
	out     io.Writer // nil where the events are printed, and these among them
	above   bool      // the report's table follows on the same stream, and need not repeat them
	printed bool
	told    map[outputKey]bool // that were printed to their ends
}

type outputKey struct{ invokeID, instanceID string }

// newLinePrinter are nil where nobody follows. Where stdout is a document they go to stderr.
func newLinePrinter(p *printer, files outputFlags) *linePrinter {
	if !files.follow {
		return nil
	}
	f := &linePrinter{streams: p.streams, told: map[outputKey]bool{}}
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

// show prints what an event tells of lines. When they cannot be printed, the wait ends.
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
			f.told[outputKey{event.InvokeId, event.Result.InstanceId}] = true
		}
	}
}

func (f *linePrinter) has(t *fleet.TargetState) bool {
	return f.told[outputKey{t.InvokeId, t.InstanceId}]
}

// omitFrom has the report not repeat what stands above it, and parts the two.
func (f *linePrinter) omitFrom(report *render.Run) {
	if f == nil || !f.above {
		return
	}
	report.LeaveOut(f.has)
	if f.printed {
		_, _ = io.WriteString(f.out, "\n") // the report will meet the same error
	}
}

// omitFromWave has a wave's report on stderr not repeat what whoever reads it has seen.
func (f *linePrinter) omitFromWave(report *render.Run) {
	if f != nil && (f.out == f.streams.Err || f.out == f.streams.Out && f.streams.OutIsTerminal()) {
		report.LeaveOut(f.has)
	}
}
