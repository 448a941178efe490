package term

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Keyboard asks questions of who sits at the terminal. Of several questions at a time the latest is answered first, and
// those before it are then put again.
type Keyboard struct {
	in  io.Reader
	out io.Writer

	mu      sync.Mutex
	begun   bool // somebody was asked before
	reading bool
	ended   bool
	asked   []*question
}

type question struct {
	text    string
	accepts func(answer string) bool
	answer  chan string // closed when there are no more answers
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
	return &Keyboard{in: in, out: s.Err}, true
}

// Ask puts a question and gives the line that is the answer, without its end and the space around it. It is put again
// until accepts is true of the answer; nil takes any. What was typed before the first question is no answer. After the end
// of the input the error is io.EOF, and after that of the context its cause.
func (k *Keyboard) Ask(ctx context.Context, text string, accepts func(answer string) bool) (string, error) {
	q := &question{text: text, accepts: accepts, answer: make(chan string, 1)}
	k.mu.Lock()
	if k.ended {
		k.mu.Unlock()
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
	_, _ = io.WriteString(k.out, text)
	k.mu.Unlock()
	defer k.drop(q)
	select {
	case line, ok := <-q.answer:
		if !ok {
			_, _ = io.WriteString(k.out, "\n")
			return "", io.EOF
		}
		return line, nil
	case <-ctx.Done():
		_, _ = io.WriteString(k.out, "\n")
		return "", context.Cause(ctx)
	}
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

// read hands every line to the latest question, until there is none, or the input ends. It takes no more than the lines, for
// AskHidden reads what comes behind them.
func (k *Keyboard) read() {
	for {
		line, err := k.line()
		k.mu.Lock()
		if n := len(k.asked); n > 0 && (err == nil || line != "") {
			k.asked = k.asked[:n-k.hand(k.asked[n-1], strings.TrimSpace(line))]
		}
		if err != nil {
			k.ended = true
			for _, q := range k.asked {
				close(q.answer)
			}
			k.asked = nil
		}
		if len(k.asked) == 0 {
			k.reading = false
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
	}
}

func (k *Keyboard) line() (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := k.in.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		if line = append(line, one[:n]...); err != nil {
			return string(line), err
		}
	}
}

// hand gives a question an answer, or puts it again. It tells how many questions are settled with that.
func (k *Keyboard) hand(q *question, answer string) int {
	if q.accepts != nil && !q.accepts(answer) {
		_, _ = io.WriteString(k.out, q.text)
		return 0
	}
	q.answer <- answer
	return 1
}

// drop takes a question back, and puts the one before it again.
func (k *Keyboard) drop(q *question) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = slices.DeleteFunc(k.asked, func(other *question) bool { return other == q })
	if n := len(k.asked); n > 0 {
		_, _ = io.WriteString(k.out, k.asked[n-1].text)
	}
}
