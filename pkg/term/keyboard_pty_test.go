//go:build unix

package term

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// answer is the answer to a question.
type answer struct {
	text string
	err  error
}

// typist is a keyboard at a screen, and a user who types on it.
type typist struct {
	*screen
	keyboard *Keyboard
}

func newTypist(t *testing.T) *typist {
	t.Helper()
	s := newScreen(t, 80)
	keyboard, ok := New(s.tty, io.Discard, s.tty, nil).Keyboard()
	if !ok {
		t.Fatal("no keyboard")
	}
	return &typist{s, keyboard}
}

// asked puts a question and waits until it is on the screen.
func (y *typist) asked(ctx context.Context, text string, accepts func(string) bool) <-chan answer {
	y.t.Helper()
	answers := make(chan answer, 1)
	go func() {
		text, err := y.keyboard.Ask(ctx, text, accepts)
		answers <- answer{text, err}
	}()
	y.untilHas(text)
	return answers
}

func (y *typist) types(keys string) {
	y.t.Helper()
	if _, err := io.WriteString(y.ptmx, keys); err != nil {
		y.t.Fatal(err)
	}
}

func TestKeyboardAnswersTheLatestQuestionFirst(t *testing.T) {
	y := newTypist(t)
	first := y.asked(t.Context(), "first? ", nil)
	second := y.asked(t.Context(), "second? ", func(text string) bool { return text == "b" })
	y.types("x\n")
	y.untilHas("second? ")
	y.types(" b \n")
	if got := <-second; got.text != "b" || got.err != nil {
		t.Errorf("the second question got %q, %v", got.text, got.err)
	}
	y.untilHas("first? ")
	y.types("a\n")
	if got := <-first; got.text != "a" || got.err != nil {
		t.Errorf("the first question got %q, %v", got.text, got.err)
	}
}

func TestKeyboardEndsWithItsInput(t *testing.T) {
	y := newTypist(t)
	answers := y.asked(t.Context(), "more? ", nil)
	y.types("\x04")
	if got := <-answers; !errors.Is(got.err, io.EOF) {
		t.Errorf("the end of the input gave %q, %v", got.text, got.err)
	}
	if _, err := y.keyboard.Ask(t.Context(), "and now? ", nil); !errors.Is(err, io.EOF) {
		t.Errorf("after the end of the input: %v", err)
	}
}

func TestKeyboardDropsCancelledQuestion(t *testing.T) {
	y := newTypist(t)
	cause := errors.New("no longer of interest")
	ctx, cancel := context.WithCancelCause(t.Context())
	first := y.asked(t.Context(), "first? ", nil)
	second := y.asked(ctx, "second? ", nil)
	cancel(cause)
	if got := <-second; !errors.Is(got.err, cause) {
		t.Errorf("a cancelled question got %q, %v", got.text, got.err)
	}
	y.untilHas("first? ")
	y.types("a\n")
	if got := <-first; got.text != "a" {
		t.Errorf("the question before got %q, %v", got.text, got.err)
	}
}

func TestKeyboardDiscardsEarlierInput(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what was typed before is the answer here")
	}
	y := newTypist(t)
	y.types("early\n")
	y.untilHas("early\r\n")
	answers := y.asked(t.Context(), "sure? ", nil)
	y.types("late\n")
	if got := <-answers; got.text != "late" {
		t.Errorf("the answer is %q, %v", got.text, got.err)
	}
}

func TestHiddenAnswerIsNeverOnTheScreen(t *testing.T) {
	y := newTypist(t)
	answers := make(chan answer, 1)
	go func() {
		text, err := y.keyboard.AskHidden(t.Context(), "password: ")
		answers <- answer{text, err}
	}()
	y.untilHas("password: ")
	y.types("geheim\n")
	if got := <-answers; got.text != "geheim" || got.err != nil {
		t.Errorf("the answer is %q, %v", got.text, got.err)
	}
	y.types("seen again\n") // echoed by the terminal
	y.untilHas("seen again")
	if screen := y.seen.String(); strings.Contains(screen, "geheim") {
		t.Errorf("the screen has the answer: %q", screen)
	}
}

func TestCancelledHiddenQuestionRestoresTheEcho(t *testing.T) {
	y := newTypist(t)
	ctx, cancel := context.WithCancel(t.Context())
	answers := make(chan answer, 1)
	go func() {
		text, err := y.keyboard.AskHidden(ctx, "password: ")
		answers <- answer{text, err}
	}()
	y.untilHas("password: ")
	cancel()
	if got := <-answers; !errors.Is(got.err, context.Canceled) {
		t.Errorf("cancelled: %q, %v", got.text, got.err)
	}
	y.types("shown\n") // also ends the read
	y.untilHas("shown")
}

func TestProgressIsSuspendedUntilTheLastResume(t *testing.T) {
	s := newScreen(t, 80)
	p := New(nil, io.Discard, s.tty, nil).StartProgress()
	p.Suspend()
	p.Suspend()
	p.Println("held")
	p.Resume()
	if p.spinner.Active() {
		t.Error("the spinner is back while a question is still open")
	}
	io.WriteString(s.tty, "question? ")
	s.untilHas("question? ")
	if strings.Contains(s.seen.String(), "held") {
		t.Errorf("the screen has what must be held back: %q", s.seen.String())
	}
	p.Resume()
	s.untilHas("held")
	if !p.spinner.Active() {
		t.Error("the spinner does not come back")
	}
	p.Stop()
}

func TestEnteredReportsEachLineOnce(t *testing.T) {
	y := newTypist(t)
	if y.keyboard.Entered() {
		t.Error("nothing was typed")
	}
	y.types("half a line")
	y.untilHas("half a line")
	if y.keyboard.Entered() {
		t.Error("half a line was reported as a line")
	}
	y.types("\r")
	y.untilHas("\r\n")
	if !y.keyboard.Entered() {
		t.Error("Enter was not seen")
	}
	if y.keyboard.Entered() {
		t.Error("Enter was seen twice")
	}
	answers := y.asked(t.Context(), "go on? ", nil)
	if y.keyboard.Entered() {
		t.Error("a line was taken from a question")
	}
	y.types("yes\r")
	if got := <-answers; got.text != "yes" || got.err != nil {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	var nobody *Keyboard
	if nobody.Entered() {
		t.Error("nothing was typed at the end")
	}
}

// askedKey puts a question for a key and waits until it is on the screen.
func (y *typist) askedKey(ctx context.Context, text string, keys string) <-chan answer {
	y.t.Helper()
	answers := make(chan answer, 1)
	go func() {
		key, err := y.keyboard.AskKey(ctx, text, func(key string) bool { return key != "" && strings.Contains(keys, key) })
		answers <- answer{key, err}
	}()
	y.untilHas(text[strings.LastIndex(text, "\n")+1:])
	return answers
}

func TestKeyNeedsNoEnter(t *testing.T) {
	y := newTypist(t)
	answers := y.askedKey(t.Context(), "a or b? ", "ab")
	y.types("x\n b")
	if got := <-answers; got.text != "b" || got.err != nil {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	y.untilShown("a or b? b")
	line := y.asked(t.Context(), "and now? ", nil)
	y.types("a line\n")
	y.untilHas("a line") // it is echoed again
	if got := <-line; got.text != "a line" {
		t.Errorf("a line after a key is %q, %v", got.text, got.err)
	}
}

func TestEnterAfterAKeyDoesNotAnswerTheQuestionBefore(t *testing.T) {
	y := newTypist(t)
	line := y.asked(t.Context(), "sure? ", nil)
	key := y.askedKey(t.Context(), "a or b? ", "ab")
	y.types("a\n")
	if got := <-key; got.text != "a" || got.err != nil {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	y.types("yes\n")
	if got := <-line; got.text != "yes" {
		t.Errorf("the question before got %q, %v", got.text, got.err)
	}
}

func TestCancelledKeyQuestionIsErased(t *testing.T) {
	y := newTypist(t)
	if _, err := io.WriteString(y.tty, "above\n"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answers := y.askedKey(ctx, "first line\n"+strings.Repeat("wide ", 20)+"\na or b? ", "ab")
	cancel()
	if got := <-answers; !errors.Is(got.err, context.Canceled) {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	y.untilShown("above")
}

func TestEndOfInputByKey(t *testing.T) {
	y := newTypist(t)
	answers := y.askedKey(t.Context(), "a or b? ", "ab")
	y.types("\x04")
	if got := <-answers; !errors.Is(got.err, io.EOF) {
		t.Errorf("got %q, %v", got.text, got.err)
	}
}
