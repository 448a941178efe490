package journal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"muster/pkg/fleet"
)

// outputs finds the texts of outputs in the lines that have them.
type outputs struct {
	file io.ReaderAt

	mu      sync.RWMutex
	lines   map[fleet.OutputKey]line
	spilled map[fleet.OutputKey]fleet.Output // those that the file had no room for
	size    int                              // of these together
	rooms   sync.Pool                        // of *[]byte, to read lines into
}

// mostSpilled is how many bytes of outputs are held in memory when the file cannot be written.
const mostSpilled = 64 << 20

// KeepOutput holds an output in memory for a report, after the file could not be written. Beyond 64 MiB nothing is held.
func (o *outputs) KeepOutput(key fleet.OutputKey, output fleet.Output) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.lines[key]; ok || output == "" || o.size+len(output) > mostSpilled {
		return
	}
	if o.spilled == nil {
		o.spilled = map[fleet.OutputKey]fleet.Output{}
	}
	if _, ok := o.spilled[key]; !ok {
		o.spilled[key] = output
		o.size += len(output)
	}
}

func (o *outputs) held(key fleet.OutputKey) (fleet.Output, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	output, ok := o.spilled[key]
	return output, ok
}

// line is where a line stands in the file.
type line struct {
	offset int64
	length int
}

func (o *outputs) add(key fleet.OutputKey, at line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.lines[key]; !ok {
		o.lines[key] = at
	}
}

func (o *outputs) has(key fleet.OutputKey) bool {
	o.mu.RLock()
	defer o.mu.RUnlock()
	_, ok := o.lines[key]
	return ok
}

// Output reads an output back.
func (o *outputs) Output(key fleet.OutputKey) (fleet.Output, error) {
	if key == (fleet.OutputKey{}) {
		return "", nil
	}
	if output, ok := o.held(key); ok {
		return output, nil
	}
	var room []byte
	if kept, ok := o.rooms.Get().(*[]byte); ok {
		room = *kept
	}
	text, err := o.line(key, room)
	if err != nil {
		return "", err
	}
	output, room, err := outputIn(text)
	if err != nil {
		return "", fmt.Errorf("read an output: %w", err)
	}
	o.rooms.Put(&room)
	return output, nil
}

// OutputJSON reads an output back as the JSON string that it is kept as; nil if it is kept otherwise. The string may be in the
// room that is given, which is returned, larger if need be, for the next one.
func (o *outputs) OutputJSON(key fleet.OutputKey, room []byte) (literal jsontext.Value, _ []byte, err error) {
	if _, ok := o.held(key); ok {
		return nil, room, nil
	}
	text, err := o.line(key, room)
	if err != nil {
		return nil, room, err
	}
	return literalIn(text), text, nil
}

// line reads the line that has an output, into the room that is given if it is large enough.
func (o *outputs) line(key fleet.OutputKey, room []byte) ([]byte, error) {
	o.mu.RLock()
	at, ok := o.lines[key]
	o.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("read an output: the journal has none of key %x", key)
	}
	text := slices.Grow(room[:0], at.length)[:at.length]
	if _, err := o.file.ReadAt(text, at.offset); err != nil {
		return nil, fmt.Errorf("read an output: %w", err)
	}
	return text, nil
}

// outputIn reads the output of a line, and nothing else of it if it is text. It returns the room of the line and behind it for others.
func outputIn(text []byte) (output fleet.Output, room []byte, err error) {
	if literal := literalIn(text); literal != nil {
		room, err = appendUnquoted(text, literal)
		return fleet.Output(room[len(text):]), room, err
	}
	var event struct{ Result struct{ Output fleet.Output } }
	err = json.Unmarshal(text, &event, form)
	return event.Result.Output, text, err
}

// literalIn returns the string that is the output of a line; nil if the output is none. No string in JSON has a bare quotation
// mark in it, so that the key can stand in none.
func literalIn(text []byte) jsontext.Value {
	_, rest, found := bytes.Cut(text, []byte(`"Output":`))
	if end := literalEnd(rest); found && end > 0 {
		return rest[:end]
	}
	return nil
}

// literalEnd is how long the string is that a text begins with; 0 where it begins with none.
func literalEnd(text []byte) int {
	if !bytes.HasPrefix(text, []byte(`"`)) {
		return 0
	}
	for end := 1; ; end++ {
		next := bytes.IndexByte(text[end:], '"')
		if next < 0 {
			return 0
		}
		end += next
		escapes := len(text[:end]) - len(bytes.TrimRight(text[:end], `\`))
		if escapes%2 == 0 {
			return end + 1
		}
	}
}
