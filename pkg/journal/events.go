package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"

	"muster/pkg/fleet"
)

// Events reads the events that the state was folded from again from the file.
func (r *Record) Events() iter.Seq2[fleet.Event, error] {
	return func(yield func(fleet.Event, error) bool) {
		lines := bufio.NewReaderSize(io.NewSectionReader(r.file, 0, r.whole), 1<<16)
		for number := 1; ; number++ {
			text, err := lines.ReadBytes('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			var event fleet.Event
			if err == nil && number > 2 { // after the header and the plan
				err = json.Unmarshal(text, &event, lineOptions)
			}
			if err != nil {
				yield(fleet.Event{}, fmt.Errorf("read the journal again: line %d: %w", number, err))
				return
			}
			if number > 2 && !yield(event, nil) {
				return
			}
		}
	}
}
