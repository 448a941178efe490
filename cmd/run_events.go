package cmd

import (
	"fmt"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// eventPrinter prints events as they happen, if that is the output. If an event cannot be written, or the query fails for it, the
// run continues with the others, and the first error is kept.
type eventPrinter struct {
	printer *printer
	failed  int
	first   error
}

// write prints an event. It returns an error only if stdout is closed.
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

// sink is write without the error.
func (l *eventPrinter) sink(event fleet.Event, _ *fleet.State) { _ = l.write(event) }

// err returns what went wrong, or nil if all events were written.
func (l *eventPrinter) err() error {
	if l.failed > 1 {
		return fmt.Errorf("%d events: %w", l.failed, l.first)
	}
	return l.first
}
