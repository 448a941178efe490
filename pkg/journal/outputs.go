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

// outputs finds outputs in the lines of the file.
type outputs struct {
	file io.ReaderAt

	mu      sync.RWMutex
	lines   map[fleet.OutputKey]line
	spilled map[fleet.OutputKey]fleet.Output // outputs that could not be written to the file
	size    int                              // the total size of spilled
	buffers sync.Pool                        // of *[]byte, to read lines into
}

// maxSpilled is the largest total size of outputs that are held in memory when the file cannot be written.
const maxSpilled = 64 << 20

// KeepOutput holds an output in memory for a report, after the file could not be written. Outputs beyond 64 MiB in total are
// dropped.
func (o *outputs) KeepOutput(key fleet.OutputKey, output fleet.Output) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, ok := o.lines[key]; ok || output == "" || o.size+len(output) > maxSpilled {
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

// line is the position of a line in the file.
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

// Output returns an output.
func (o *outputs) Output(key fleet.OutputKey) (fleet.Output, error) {
	if key == (fleet.OutputKey{}) {
		return "", nil
	}
	if output, ok := o.held(key); ok {
		return output, nil
	}
	var buffer []byte
	if kept, ok := o.buffers.Get().(*[]byte); ok {
		buffer = *kept
	}
	text, err := o.line(key, buffer)
	if err != nil {
		return "", err
	}
	output, buffer, err := outputIn(text)
	if err != nil {
		return "", fmt.Errorf("read an output: %w", err)
	}
	o.buffers.Put(&buffer)
	return output, nil
}

// OutputJSON returns an output as the JSON string that is stored, or nil if it is stored otherwise. The string may be in the
// given buffer, which is returned, enlarged if necessary, for the next call.
func (o *outputs) OutputJSON(key fleet.OutputKey, buffer []byte) (literal jsontext.Value, _ []byte, err error) {
	if _, ok := o.held(key); ok {
		return nil, buffer, nil
	}
	text, err := o.line(key, buffer)
	if err != nil {
		return nil, buffer, err
	}
	return literalIn(text), text, nil
}

// line reads the line of an output, into the given buffer if it is large enough.
func (o *outputs) line(key fleet.OutputKey, buffer []byte) ([]byte, error) {
	o.mu.RLock()
	at, ok := o.lines[key]
	o.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("read an output: the journal has no key %x", key)
	}
	text := slices.Grow(buffer[:0], at.length)[:at.length]
	if _, err := o.file.ReadAt(text, at.offset); err != nil {
		return nil, fmt.Errorf("read an output: %w", err)
	}
	return text, nil
}

// outputIn decodes the output of a line, and nothing else if it is text. It returns the buffer of the line for reuse.
func outputIn(text []byte) (output fleet.Output, buffer []byte, err error) {
	if literal := literalIn(text); literal != nil {
		buffer, err = appendUnquoted(text, literal)
		return fleet.Output(buffer[len(text):]), buffer, err
	}
	var event struct{ Result struct{ Output fleet.Output } }
	err = json.Unmarshal(text, &event, lineOptions)
	return event.Result.Output, text, err
}

// literalIn returns the string that is the output of a line, or nil if the output is not a string. The key cannot occur within
// a JSON string, because a quotation mark is escaped there.
func literalIn(text []byte) jsontext.Value {
	_, rest, found := bytes.Cut(text, []byte(`"Output":`))
	if end := literalEnd(rest); found && end > 0 {
		return rest[:end]
	}
	return nil
}

// literalEnd returns the length of the string that a text begins with, or 0.
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
