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
)

// Keyboard asks the user at the terminal questions. If several questions are open, the latest is answered first, and the
// earlier ones are then shown again.
type Keyboard struct {
	in      io.Reader
	out     io.Writer
	columns func() int // of the terminal; nil if it does not support escape sequences

	mu      sync.Mutex
	begun   bool // a question was asked before
	reading bool
	ended   bool
	asked   []*question
	keyed   time.Time // when a key was last the answer
}

// habit is how long after a key was the answer an Enter is attributed to that answer.
const habit = time.Second

type question struct {
	text    string
	accepts func(answer string) bool
	answer  chan string // closed at the end of the input
	key     bool        // the answer is a key, not a line
}

// Keyboard returns the keyboard behind standard input, or the process's terminal if standard input is something else. ok is
// false if a user could not see or answer a question.
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
	if s.supportsEscapes(s.Err) {
		board.columns = func() int { return s.drawWidth(terminal(s.Err)) }
	}
	return board, true
}

// Ask asks a question and returns the line that is the answer, without surrounding space. It asks again until accepts returns
// true; nil accepts any answer. What was typed before the first question is discarded. At the end of the input the error is
// io.EOF, and at the end of the context its cause.
func (k *Keyboard) Ask(ctx context.Context, text string, accepts func(answer string) bool) (string, error) {
	q := &question{text: text, accepts: accepts, answer: make(chan string, 1)}
	answer, err := k.ask(ctx, q, func() {})
	if err != nil {
		k.write("\n")
	}
	k.repeatQuestion()
	return answer, err
}

// AskKey asks a question whose answer is one key, without Enter if the system can read keys. Keys that are not accepted are
// ignored, and Ctrl-D is the end of the input. When the context ends, the question is removed from the screen. The state of the
// terminal is restored when AskKey returns.
func (k *Keyboard) AskKey(ctx context.Context, text string, accepts func(key string) bool) (string, error) {
	q := &question{text: text, accepts: func(key string) bool { return key == endOfInput || accepts(key) }, answer: make(chan string, 1), key: true}
	restore := func() {}
	if file := terminal(k.in); file != nil {
		if r, err := takeKeys(file); err == nil { // otherwise Enter is needed
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
	k.repeatQuestion()
	return answer, err
}

// endOfInput is the key of Ctrl-D.
const endOfInput = "\x04"

// rowsOf returns the number of rows of a terminal that a text takes.
func rowsOf(text string, columns int) int {
	rows := 0
	for line := range strings.SplitSeq(text, "\n") {
		rows += max(1, (displaywidth.String(line)+columns-1)/max(columns, 1))
	}
	return rows
}

// ask asks a question, and calls done when no more of the answer will be read.
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

// AskHidden asks a question whose answer is not shown. No other question may be open, and after one that was cancelled no
// question is answered.
func (k *Keyboard) AskHidden(ctx context.Context, text string) (string, error) {
	file := terminal(k.in)
	if file == nil {
		return "", fmt.Errorf("ask for a secret: %w", os.ErrInvalid)
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	restore, err := hideEcho(file) // before the question appears
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
	answer := make(chan typed, 1)
	go func() {
		text, err := readHidden(file)
		answer <- typed{text, err}
	}()
	select {
	case a := <-answer:
		return string(a.text), a.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// read passes every line, or every key, to the latest question, until none is open or the input ends. It reads no further,
// because AskHidden reads what follows.
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
			if whole && !byHabit && k.answerWith(q, answer) {
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

// answerWith passes an answer to a question, and reports whether the question accepts it. If not, a question for a line is shown
// again.
func (k *Keyboard) answerWith(q *question, answer string) bool {
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

// drop removes a question.
func (k *Keyboard) drop(q *question) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = slices.DeleteFunc(k.asked, func(other *question) bool { return other == q })
}

// repeatQuestion shows the latest open question again after another one has ended.
func (k *Keyboard) repeatQuestion() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := len(k.asked); n > 0 {
		_, _ = io.WriteString(k.out, k.asked[n-1].text)
	}
}
