package term

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/term"
)

// Keyboard asks questions of who sits at the terminal. Of several questions at a time the latest is answered first, and
// those before it are then put again.
type Keyboard struct {
	in      io.Reader
	out     io.Writer
	columns func() int // of the terminal; nil where it obeys no escapes

	mu      sync.Mutex
	begun   bool // somebody was asked before
	reading bool
	ended   bool
	asked   []*question
	keyed   time.Time // when a key was the answer
}

// habit is for how long an Enter behind a key that was an answer belongs to that.
const habit = time.Second

type question struct {
	text    string
	accepts func(answer string) bool
	answer  chan string // closed when there are no more answers
	key     bool        // a key is the answer, and not a line
}

// Keyboard gives the one behind standard input, or that of the process's terminal where standard input is something else.
// ok is false where nobody would see a question, or could answer it.
func (s *Streams) Keyboard() (k *Keyboard, ok bool) {
	if !s.ErrIsTerminal() || s.unattended() {
		return nil, false
	}
	in := terminal(s.In)
	if in == nil {
		name := "/dev/tty"
		if runtime.GOOS == "windows" {
			name = "CONIN$"
		}
		var err error
		if in, err = os.Open(name); err != nil {
			return nil, false
		}
	}
	board := &Keyboard{in: in, out: s.Err}
	if s.obeysEscapes(s.Err) {
		board.columns = func() int { return s.drawWidth(terminal(s.Err)) }
	}
	return board, true
}

// Ask puts a question and gives the line that is the answer, without its end and the space around it. It is put again
// until accepts is true of the answer; nil takes any. What was typed before the first question is no answer. After the end
// of the input the error is io.EOF, and after that of the context its cause.
func (k *Keyboard) Ask(ctx context.Context, text string, accepts func(answer string) bool) (string, error) {
	q := &question{text: text, accepts: accepts, answer: make(chan string, 1)}
	answer, err := k.ask(ctx, q, func() {})
	if err != nil {
		k.write("\n")
	}
	k.putAgain()
	return answer, err
}

// AskKey puts a question whose answer is one key, without Enter where the system can tell keys. Keys that are not accepted do
// nothing, and Ctrl-D is the end of the input. When the context ends, the question is taken off the screen. The terminal is as it
// was before when AskKey returns.
func (k *Keyboard) AskKey(ctx context.Context, text string, accepts func(key string) bool) (string, error) {
	q := &question{text: text, accepts: func(key string) bool { return key == endOfInput || accepts(key) }, answer: make(chan string, 1), key: true}
	restore := func() {}
	if file := terminal(k.in); file != nil {
		if r, err := takeKeys(file); err == nil { // without it, Enter is needed
			restore = r
		}
	}
	answer, err := k.ask(ctx, q, restore)
	switch {
	case err == nil && answer == endOfInput:
		err = io.EOF
		k.write("\n")
	case err == nil:
		k.write(answer + "\n")
	case errors.Is(err, io.EOF) || k.columns == nil:
		k.write("\n")
	default:
		k.write("\r" + cursorUp(rowsOf(text, k.columns())-1) + clearBelow)
	}
	k.putAgain()
	return answer, err
}

// endOfInput is the key that Ctrl-D is.
const endOfInput = "\x04"

// rowsOf returns how many rows of a terminal a text takes.
func rowsOf(text string, columns int) int {
	rows := 0
	for line := range strings.SplitSeq(text, "\n") {
		rows += max(1, (displaywidth.String(line)+columns-1)/max(columns, 1))
	}
	return rows
}

// ask puts a question, and calls done once nothing of the answer is to be read any more.
func (k *Keyboard) ask(ctx context.Context, q *question, done func()) (string, error) {
	k.mu.Lock()
	if k.ended {
		k.mu.Unlock()
		done()
		return "", io.EOF
	}
	k.asked = append(k.asked, q)
	if !k.begun {
		k.begun = true
		if file := terminal(k.in); file != nil {
			discardInput(file)
		}
	}
	if !k.reading {
		k.reading = true
		go k.read()
	}
	_, _ = io.WriteString(k.out, q.text)
	k.mu.Unlock()
	defer k.drop(q)
	defer done()
	select {
	case line, ok := <-q.answer:
		if !ok {
			return "", io.EOF
		}
		return line, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (k *Keyboard) write(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, _ = io.WriteString(k.out, text)
}

// AskHidden puts a question whose answer is not shown. No other may be open, and none is answered after one that the end
// of its context has cut off.
func (k *Keyboard) AskHidden(ctx context.Context, text string) (string, error) {
	file := terminal(k.in)
	if file == nil {
		return "", fmt.Errorf("ask for a secret: %w", os.ErrInvalid)
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	restore, err := hideEcho(file) // before anybody is asked to type
	if err != nil {
		return "", fmt.Errorf("ask for a secret: %w", err)
	}
	defer restore()
	_, _ = io.WriteString(k.out, text)
	defer func() { _, _ = io.WriteString(k.out, "\n") }()
	type typed struct {
		text []byte
		err  error
	}
	answer, fd := make(chan typed, 1), int(file.Fd())
	go func() {
		text, err := term.ReadPassword(fd)
		answer <- typed{text, err}
	}()
	select {
	case a := <-answer:
		return string(a.text), a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// read hands every line, or every key, to the latest question, until there is none, or the input ends. It takes no more than
// that, for AskHidden reads what comes behind.
func (k *Keyboard) read() {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := k.in.Read(one)
		k.mu.Lock()
		if line = append(line, one[:n]...); len(k.asked) > 0 {
			q := k.asked[len(k.asked)-1]
			whole := n == 1 && (q.key || one[0] == '\n') || err != nil && len(line) > 0 && !q.key
			answer := strings.TrimSpace(string(line))
			byHabit := !q.key && answer == "" && time.Since(k.keyed) < habit
			if whole && !byHabit && k.hand(q, answer) {
				k.asked = k.asked[:len(k.asked)-1]
			}
			if whole {
				line = nil
			}
		}
		if err != nil {
			k.ended = true
			for _, q := range k.asked {
				close(q.answer)
			}
			k.asked = nil
		}
		if len(k.asked) == 0 && (len(line) == 0 || one[0] == '\n' || err != nil) {
			k.reading = false
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
	}
}

// hand gives a question an answer, and reports whether it is settled with that. A line that is none has the question put again.
func (k *Keyboard) hand(q *question, answer string) bool {
	if q.accepts != nil && !q.accepts(answer) {
		if !q.key {
			_, _ = io.WriteString(k.out, q.text)
		}
		return false
	}
	if q.key {
		k.keyed = time.Now()
	}
	q.answer <- answer
	return true
}

// drop takes a question back.
func (k *Keyboard) drop(q *question) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = slices.DeleteFunc(k.asked, func(other *question) bool { return other == q })
}

// putAgain puts the question again that stands before one that has ended.
func (k *Keyboard) putAgain() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.asked); n > 0 {
		_, _ = io.WriteString(k.out, k.asked[n-1].text)
	}
}
