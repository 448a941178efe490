package journal

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"muster/pkg/fleet"
)

// outputs finds the texts of outputs in the lines that have them.
type outputs struct {
	file io.ReaderAt

	mu    sync.RWMutex
	lines map[fleet.OutputKey]line
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
	o.mu.RLock()
	at, ok := o.lines[key]
	o.mu.RUnlock()
	if !ok {
		return "", fmt.Errorf("read an output: the journal has none of key %x", key)
	}
	text := make([]byte, at.length)
	if _, err := o.file.ReadAt(text, at.offset); err != nil {
		return "", fmt.Errorf("read an output: %w", err)
	}
	var event struct{ Result struct{ Output fleet.Output } }
	if err := json.Unmarshal(text, &event); err != nil {
		return "", fmt.Errorf("read an output: %w", err)
	}
	return event.Result.Output, nil
}
