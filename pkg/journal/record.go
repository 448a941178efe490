package journal

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/go-json-experiment/json"

	"muster/pkg/fleet"
)

// Record is a run as read from its journal, which another process may continue to write. Its outputs can be read until it is
// closed.
type Record struct {
	Header
	outputs
	Plan    fleet.Plan
	State   *fleet.State
	Running bool // a process is writing it

	opened *os.File
	whole  int64 // the size without an incomplete line at the end
}

// Close closes the file. Outputs cannot be read afterwards.
func (r *Record) Close() error { return r.opened.Close() }

// read folds a journal. It ignores an incomplete line at the end, and everything after zero bytes, which a power failure leaves
// in place of what was not flushed.
func read(file *os.File, runID string) (*Record, error) {
	r := &Record{outputs: outputs{file: file, lines: map[fleet.OutputKey]line{}}, State: fleet.NewState(), opened: file}
	lines := bufio.NewReaderSize(file, 1<<16)
	for number := 1; ; number++ {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := r.take(number, text); err != nil {
			if newer, ok := errors.AsType[*NewerError](err); ok {
				newer.RunId = runID
				return nil, newer
			}
			_, end := lines.Peek(1)
			if (errors.Is(end, io.EOF) || bytes.IndexByte(text, 0) >= 0) && number > 2 {
				break
			}
			return nil, &CorruptError{Path: file.Name(), Line: number, Err: err}
		}
		r.whole += int64(len(text))
	}
	if r.Plan.RunId == "" {
		return nil, &CorruptError{Path: file.Name(), Line: 1, Err: errors.New("the file ends before the run's plan; nothing was sent")}
	}
	return r, nil
}

// take reads one line.
func (r *Record) take(number int, text []byte) error {
	switch number {
	case 1:
		if err := json.Unmarshal(text, &r.Header, lineOptions); err != nil {
			return err
		}
		if r.Journal > version {
			return &NewerError{Version: r.Journal}
		}
		if r.Journal < 1 {
			return errors.New("not a journal of muster")
		}
		return nil
	case 2:
		return json.Unmarshal(text, &r.Plan, lineOptions)
	}
	var event fleet.Event
	if err := json.Unmarshal(text, &event, lineOptions); err != nil {
		return err
	}
	if event.Event == fleet.OutputEvent && event.Result == nil {
		return errors.New("an output event without a result")
	}
	if event.Result != nil && event.Result.Output != "" {
		r.add(event.Result.Output.Key(), line{r.whole, len(text)})
	}
	r.State.Apply(event)
	return nil
}

// parseHeader parses the first line of a journal.
func parseHeader(text []byte, runID string) (Header, error) {
	var r Record
	if err := r.take(1, text); err != nil {
		if newer, ok := errors.AsType[*NewerError](err); ok {
			newer.RunId = runID
		}
		return Header{}, err
	}
	return r.Header, nil
}

// parseEnd returns the event on the last line of a journal, or nil if it is not the end of a run.
func parseEnd(text []byte) *fleet.Event {
	event := new(fleet.Event)
	if json.Unmarshal(text, event, lineOptions) != nil || event.Event != fleet.Settled && event.Event != fleet.Interrupted {
		return nil
	}
	return event
}
