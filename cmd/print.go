package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// printer writes documents to stdout, and notes, warnings and errors to stderr, in the format that the settings choose.
type printer struct {
	*settings
	streams    *term.Streams
	interrupts interrupts
	secrets    fleet.Secrets // masked in everything that is printed
	query      query
	document   documentFlags
	grouping   render.Grouping // of outputs in tables
	below      int             // how many lines on the screen follow the document
	showAll    string          // the command whose table shows every instance; "" for this one with -o wide
	forPeople  bool            // the format is JSON only because of a query, so that errors are for people
	askedJSON  bool            // see asksForJSON; used if the settings could not be loaded
	warned     bool            // see warnOfProblems
}

// note prints a line on stderr: text, or JSON if the output is JSON.
func (p *printer) note(format string, args ...any) {
	text := p.secrets.Mask(fmt.Sprintf(format, args...))
	if p.wantsJSON() {
		_ = render.Line(p.streams.Err, notice{text}) // there is nowhere to report an error to
		return
	}
	fmt.Fprintln(p.streams.Err, "muster: "+term.Sanitize(text))
}

// print writes a document to stdout in the chosen format.
func (p *printer) print(document render.Document) error {
	p.warnOfProblems(nil)
	write := p.write
	if p.usesPager() {
		write = p.writePaged
	}
	err := write(p.streams.Out, document)
	if term.IsBrokenPipe(err) {
		return nil // the reader has closed the pipe
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func (p *printer) outStyle() render.Style {
	return render.Style{
		Paint: p.streams.OutPainter(), Width: p.streams.Width(), Height: p.streams.Height(), Below: p.below, All: p.showAll,
		Terminal: p.streams.OutIsTerminal(),
		Grouping: p.grouping, MaxBytes: p.document.bytes, Suite: p.document.suite,
	}
}

func (p *printer) errStyle() render.Style {
	return render.Style{Paint: p.streams.ErrPainter(), Width: p.streams.ErrWidth(), Height: p.streams.ErrHeight()}
}

// write writes a document in the chosen format, or the result of the query.
func (p *printer) write(w io.Writer, document render.Document) error {
	format := render.Format(p.config.Output)
	switch {
	case p.query.parsed == nil:
		return render.Write(w, format, document, p.outStyle())
	case format == render.NDJSON:
		return p.writeRecords(w, document)
	}
	return p.query.write(w, document)
}

// writeRecords writes the result of the query for each record. Like jq, it continues after a record for which the query fails.
func (p *printer) writeRecords(w io.Writer, document render.Document) error {
	var failed error
	for record, err := range document.Records() {
		if err != nil {
			return err
		}
		err := p.query.write(w, record)
		if _, ours := errors.AsType[*render.QueryError](err); err != nil && (!ours || p.query.ended != nil) {
			return err
		}
		failed = cmp.Or(failed, err)
	}
	return failed
}

// writeLine writes an event, or the result of the query.
func (p *printer) writeLine(w io.Writer, value any) error {
	if p.query.parsed != nil {
		return p.query.write(w, value)
	}
	return render.Line(w, value)
}

// outputIsIDs reports whether the output is just the run's id, for people or for a shell variable.
func (p *printer) outputIsIDs() bool {
	return p.query.parsed == nil && slices.Contains([]string{string(render.Table), string(render.Wide), string(render.Name)}, p.config.Output)
}

// printIDs prints a line for each id of a run. It ignores a closed stdout.
func (p *printer) printIDs(ids ...string) error {
	for _, id := range ids {
		if _, err := fmt.Fprintln(p.streams.Out, id); term.IsBrokenPipe(err) {
			return nil
		} else if err != nil {
			return fmt.Errorf("write the run's id: %w", err)
		}
	}
	return nil
}

// tableOnScreen reports whether stdout and stderr are terminals and the output is a table.
func (p *printer) tableOnScreen() bool {
	format := render.Format(p.config.Output)
	return (format == render.Table || format == render.Wide) && p.streams.OutIsTerminal() && p.streams.ErrIsTerminal()
}

// screenLines returns how many lines the notes take on the screen, or 0 if stdout is not on that screen.
func (p *printer) screenLines(notes []string) int {
	if !p.tableOnScreen() {
		return 0
	}
	lines := 0
	for _, text := range notes {
		lines += 1 + (displaywidth.String("muster: "+text)-1)/p.streams.ErrWidth()
	}
	return lines
}

// writeEach writes a line for each id, after a verb.
func writeEach(w io.Writer, verb string, ids []string) error {
	for _, id := range ids {
		if _, err := fmt.Fprintln(w, verb, term.Sanitize(id)); err != nil {
			return err
		}
	}
	return nil
}

// plural returns a number with a noun. The plural is the noun with an s.
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// joinOr returns a list as in "a, b or c".
func joinOr(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			text += " or "
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}
