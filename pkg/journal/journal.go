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

// form is that of a line: what encoding/json writes and reads, but for <, > and &, which stand as they are.
var form = json.JoinOptions(jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false))

// Journal is a run's file that this process writes, and nobody else does. It is safe for concurrent use.
type Journal struct {
	outputs
	path     string
	writable *os.File
	lock     *flock.Flock // nil for a temporary one
	volatile bool         // it need not survive a crash

	mu      sync.Mutex
	event   fleet.Event // that is being appended, in the same room as those before
	result  fleet.Result
	text    bytes.Buffer // of the latest line
	size    int64        // of what is whole
	written int64        // counts what was appended

	syncing sync.Mutex
	synced  int64 // how much of written is on disk
}

// Append keeps an event. An output that the journal has already is kept by its key.
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
		j.result.Output = standIn
	} else {
		text = ""
	}
	at, err := j.appendLine(&j.event, text)
	if err == nil && key != (fleet.OutputKey{}) {
		j.add(key, at)
	}
	return err
}

// fewTargets are those of a line that is put together in memory.
const fewTargets = 100

// standIn is written in the place of an output that is text, and replaced by it: to quote it is most of the work, and the
// library's way takes longer.
const standIn = "-"

// keptText is more than most lines take.
const keptText = 256 << 10

// appendLine writes a value as a line, with the output, unless that is empty, in the place of its stand-in. A line that could not
// be written whole is taken back. It is for who holds the lock.
func (j *Journal) appendLine(value any, output string) (line, error) {
	j.text.Reset()
	if err := json.MarshalWrite(&j.text, value, form); err != nil {
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

// appendLong is appendLine for a value whose text is too long to be held as a whole.
func (j *Journal) appendLong(value any) error {
	to := io.NewOffsetWriter(j.writable, j.size)
	err := json.MarshalWrite(to, value, form)
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

// putOutput replaces the stand-in of the latest line. No string in JSON has a bare quotation mark in it, so that the key can stand in
// none.
func (j *Journal) putOutput(output string) {
	const key = `"Output":`
	before, after, _ := bytes.Cut(j.text.Bytes(), []byte(key+`"`+standIn+`"`))
	rest := bytes.Clone(after)
	j.text.Truncate(len(before))
	j.text.WriteString(key)
	j.text.Grow(len(output) + len(output)/16 + len(rest) + len(`""`))
	j.text.Write(appendQuoted(j.text.AvailableBuffer(), output))
	j.text.Write(rest)
}

// Sync returns when all that was appended before is on disk. Several that wait share one flush.
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

// Close ends the writing, and lets others have the run.
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

// Temporary makes a journal that nobody finds and that ends with Close: for outputs that are too many for the memory.
func Temporary() (*Journal, error) {
	file, err := os.CreateTemp("", "muster-run-*.jsonl")
	if err != nil {
		return nil, fmt.Errorf("make a temporary journal: %w", err)
	}
	_ = os.Remove(file.Name()) // where an open file may be removed, nothing is left behind whatever happens
	return newJournal(file, true), nil
}

func newJournal(file *os.File, volatile bool) *Journal {
	return &Journal{
		outputs: outputs{file: file, lines: map[fleet.OutputKey]line{}}, path: file.Name(), writable: file, volatile: volatile,
	}
}
