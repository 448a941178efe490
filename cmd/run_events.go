package cmd

import (
	"fmt"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// eventPrinter prints events as they happen, if that is the chosen output. An event that cannot be written, or that a query
// fails for, does not stop the run: the others are written, and the first error is kept.
type eventPrinter struct {
	printer *printer
	failed  int
	first   error
}

// write returns an error if nobody reads stdout any more.
func (l *eventPrinter) write(event fleet.Event) error {
	if l.printer.config.Output != string(render.NDJSON) {
		return nil
	}
	err := l.printer.writeLine(l.printer.streams.Out, event)
	if term.IsBrokenPipe(err) {
		return err
	}
	if err != nil {
		if l.failed++; l.first == nil {
			l.first = err
		}
	}
	return nil
}

// sink is write for a caller that goes on even if nobody reads stdout.
func (l *eventPrinter) sink(event fleet.Event, _ *fleet.State) { _ = l.write(event) }

// err returns what went wrong; nil if all events were written.
func (l *eventPrinter) err() error {
	if l.failed > 1 {
		return fmt.Errorf("%d events: %w", l.failed, l.first)
	}
	return l.first
}
