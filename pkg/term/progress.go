package term

import (
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/briandowns/spinner"
)

// Progress is a spinner and some lines of text on standard error while muster waits. It draws nothing if standard error is not a
// terminal, if Streams.NoProgress is set, in the jobs of CI systems, and while the process is in the background; Println and Do
// work all the same. Until Stop, all methods may be called from any goroutine.
type Progress struct {
	streams  *Streams
	terminal *os.File // nil if nothing is drawn
	lines    atomic.Pointer[func(columns int) []string]

	// spinner turns, and its lock guards the terminal, drawn and below.
	spinner *spinner.Spinner
	drawn   bool // a frame is on the terminal, with the cursor on its first line
	below   int  // the lines of the frame under the first one

	stopping sync.Once
	endStops func()

	mu        sync.Mutex
	suspended int      // calls of Suspend without their Resume
	held      []func() // what to print after the last Resume
}

// StartProgress starts a Progress. Stop must be called in every case, since it restores the line and the cursor. Stop needs no
// context and works after the end of one; context.AfterFunc(ctx, p.Stop) ties the two.
func (s *Streams) StartProgress() *Progress {
	p := &Progress{streams: s}
	p.spinner = spinner.New(spinner.CharSets[9], 100*time.Millisecond)
	if s.NoProgress || s.unattended() || !s.supportsEscapes(s.Err) {
		return p
	}
	p.terminal = terminal(s.Err)
	spinner.WithWriterFile(p.terminal)(p.spinner)
	p.spinner.Writer = foreground{p.terminal}
	p.spinner.HideCursor = false // each frame hides it, also the first one after the process was in the background
	p.spinner.PreUpdate = func(*spinner.Spinner) { p.draw(p.frameLines()) }
	_ = p.spinner.Color("reset") // the spinner decides by itself whether to colour, and this is no colour
	p.spinner.Start()
	p.endStops = p.leaveOnStop()
	return p
}

// exclusively calls f while nothing else writes to the terminal.
func (p *Progress) exclusively(f func()) {
	p.spinner.Lock()
	defer p.spinner.Unlock()
	f()
}

// write writes text to standard error. It ignores errors because there is no other place to report them.
func (p *Progress) write(text string) { _, _ = io.WriteString(p.streams.Err, text) }

// Follow draws the lines that a function returns for a number of columns, as many of them as fit, with each turn of the spinner,
// ten times a second. The function must not block, nor call methods of p. Text from elsewhere must have been through [Sanitize].
func (p *Progress) Follow(lines func(columns int) []string) { p.lines.Store(&lines) }

// Draws reports whether a spinner is drawn.
func (p *Progress) Draws() bool { return p.terminal != nil }

// Do calls print while the spinner is erased. During a Suspend the call is delayed until Resume. It may write whole lines to
// either stream, and must not call methods of p.
func (p *Progress) Do(print func()) {
	p.mu.Lock()
	if p.suspended > 0 {
		p.held = append(p.held, print)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.print(print)
}

func (p *Progress) print(print func()) {
	p.exclusively(func() {
		p.erase()
		print()
	})
}

// Suspend removes the spinner until Resume has been called as often, so that the last line is free for a question.
func (p *Progress) Suspend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.suspended++
	if p.suspended == 1 {
		p.stopSpinner()
	}
}

func (p *Progress) stopSpinner() {
	p.spinner.Stop()
	p.exclusively(p.erase)
}

// Resume ends a Suspend.
func (p *Progress) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.suspended--
	if p.suspended > 0 {
		return
	}
	p.release()
	if p.Draws() {
		p.spinner.Start()
	}
}

// release prints what was delayed.
func (p *Progress) release() {
	for _, print := range p.held {
		p.print(print)
	}
	p.held = nil
}

// Println prints text as a line on standard error, above the spinner if there is one. Text from elsewhere must have been through
// [Sanitize].
func (p *Progress) Println(text string) {
	line := strings.TrimSuffix(text, "\n") + "\n"
	p.Do(func() { p.write(line) })
}

// Answer is Println in reply to a line that the user has just typed, whose echo has moved the cursor down. During a Suspend the
// line was the answer to a question, and nothing is printed.
func (p *Progress) Answer(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.suspended == 0 {
		p.print(func() { p.write(cursorUp(1) + clearLine + strings.TrimSuffix(text, "\n") + "\n") })
	}
}

// Note is Println for someone who watches: it does nothing if no spinner is drawn.
func (p *Progress) Note(text string) {
	if p.Draws() {
		p.Println(text)
	}
}

// Stop clears the lines and shows the cursor again. It may be called more than once, and by several goroutines. What is printed
// through p afterwards is printed at once.
func (p *Progress) Stop() {
	p.stopping.Do(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.suspended = 0
		p.release()
		if p.Draws() {
			p.endStops()
			p.stopSpinner()
		}
	})
}
