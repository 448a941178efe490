package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"github.com/gofrs/flock"

	"muster/pkg/fleet"
)

// lineOptions make lines the same as those of encoding/json, except that <, > and & are not escaped.
var lineOptions = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

// Journal is a run's file, locked for writing by this process. It is safe for concurrent use.
type Journal struct {
	outputs
	path     string
	writable *os.File
	lock     *flock.Flock // nil for a temporary journal
	volatile bool         // Sync does nothing

	mu      sync.Mutex
	event   fleet.Event // the event being appended, to reuse its memory
	result  fleet.Result
	text    bytes.Buffer // the latest line
	size    int64        // of the complete lines
	written int64        // the number of lines appended

	syncing sync.Mutex
	synced  int64 // the number of lines on disk
}

// Append stores an event. An output that the journal already has is stored as its key.
func (j *Journal) Append(event fleet.Event) error {
	var key fleet.OutputKey
	if event.Result != nil {
		key = event.Result.OutputKey()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.event = event
	defer func() { j.event, j.result = fleet.Event{}, fleet.Result{} }()
	switch {
	case len(event.Targets) > fewTargets:
		return j.appendLong(&j.event)
	case event.Result == nil:
		_, err := j.appendLine(&j.event, "")
		return err
	}
	j.result = *event.Result
	j.event.Result = &j.result
	if j.has(key) {
		j.result.Output, j.result.Key = "", key
		_, err := j.appendLine(&j.event, "")
		return err
	}
	text, ok := j.result.Output.Text()
	if ok && text != "" {
		j.result.Output = placeholder
	} else {
		text = ""
	}
	at, err := j.appendLine(&j.event, text)
	if err == nil && key != (fleet.OutputKey{}) {
		j.add(key, at)
	}
	return err
}

// fewTargets is the largest number of targets of a line that is built in memory.
const fewTargets = 100

// placeholder is encoded in place of an output that is text, and replaced by it. Quoting outputs takes most of the time, and
// the library's way is slower.
const placeholder = "-"

// keptText is the size up to which the buffer of a line is reused.
const keptText = 256 << 10

// appendLine writes a value as a line, with the output, unless it is empty, in place of the placeholder. A line that could not
// be written completely is removed. The caller holds the lock.
func (j *Journal) appendLine(value any, output string) (line, error) {
	j.text.Reset()
	if err := json.MarshalWrite(&j.text, value, lineOptions); err != nil {
		return line{}, err
	}
	if output != "" {
		j.putOutput(output)
	}
	j.text.WriteByte('\n')
	text := j.text.Bytes()
	if _, err := j.writable.WriteAt(text, j.size); err != nil {
		return line{}, errors.Join(err, j.writable.Truncate(j.size))
	}
	at := line{j.size, len(text)}
	j.size += int64(len(text))
	j.written++
	if j.text.Cap() > keptText {
		j.text = bytes.Buffer{}
	}
	return at, nil
}

// appendLong is appendLine for a value whose text is too long for memory.
func (j *Journal) appendLong(value any) error {
	to := io.NewOffsetWriter(j.writable, j.size)
	err := json.MarshalWrite(to, value, lineOptions)
	if err == nil {
		_, err = to.Write([]byte("\n"))
	}
	if err != nil {
		return errors.Join(err, j.writable.Truncate(j.size))
	}
	length, err := to.Seek(0, io.SeekCurrent)
	j.size += length
	j.written++
	return err
}

// putOutput replaces the placeholder in the latest line. Its key cannot occur within a JSON string, because a quotation mark is
// escaped there.
func (j *Journal) putOutput(output string) {
	const key = `"Output":`
	before, after, _ := bytes.Cut(j.text.Bytes(), []byte(key+`"`+placeholder+`"`))
	rest := bytes.Clone(after)
	j.text.Truncate(len(before))
	j.text.WriteString(key)
	j.text.Grow(len(output) + len(output)/16 + len(rest) + len(`""`))
	j.text.Write(appendQuoted(j.text.AvailableBuffer(), output))
	j.text.Write(rest)
}

// Sync returns when all events that were appended before are on disk. Concurrent calls share one flush.
func (j *Journal) Sync() error {
	if j.volatile {
		return nil
	}
	j.mu.Lock()
	mine := j.written
	j.mu.Unlock()
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= mine {
		return nil
	}
	j.mu.Lock()
	all := j.written
	j.mu.Unlock()
	if err := j.writable.Sync(); err != nil {
		return err
	}
	j.synced = all
	return nil
}

// Close closes the file and unlocks the run.
func (j *Journal) Close() error {
	err := j.writable.Close()
	if j.lock != nil {
		_ = os.Remove(stopRequest(j.path))
		return errors.Join(err, j.lock.Unlock())
	}
	if removeErr := os.Remove(j.path); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

// Temporary returns a journal that is not in a [Dir] and is removed by Close. It is for outputs that are too many for memory.
func Temporary() (*Journal, error) {
	file, err := os.CreateTemp("", "muster-run-*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("create a temporary journal: %w", err)
	}
	_ = os.Remove(file.Name()) // on systems that can remove an open file, nothing is left behind by a crash
	return newJournal(file, true), nil
}

func newJournal(file *os.File, volatile bool) *Journal {
	return &Journal{
		outputs: outputs{file: file, lines: map[fleet.OutputKey]line{}}, path: file.Name(), writable: file, volatile: volatile,
	}
}
