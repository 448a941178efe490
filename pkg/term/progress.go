package term

import (
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/briandowns/spinner"
)

// Progress is a spinner and some lines of text on standard error while muster waits. Where standard error is no terminal,
// or Streams.NoProgress is set, and in the jobs of CI systems, nothing is drawn, and only Println and Do have an effect. In a process that is in the
// background nothing is drawn for as long. All methods may be called from any goroutine until Stop.
type Progress struct {
	streams *Streams
	spinner *spinner.Spinner // nil if nothing is drawn
	lines   atomic.Pointer[func(columns int) []string]
	below   []string // the lines under the spinner's, which belong to its goroutine

	jobs    chan func()
	quit    chan struct{}
	stopped chan struct{}
	once    sync.Once

	endStops func()

	// drawn is the frame that stands on the terminal, with the cursor at its beginning. It belongs to the goroutine that
	// owns the terminal.
	drawn string

	mu        sync.Mutex
	suspended int      // how many want the last line for themselves
	held      []func() // what is printed when none of them does any more
}

// StartProgress starts a Progress, on which Stop must be called whatever happens: it gives the line and the cursor
// back. Stop needs no context and works after the end of one; context.AfterFunc(ctx, p.Stop) ties the two.
func (s *Streams) StartProgress() *Progress {
	p := &Progress{
		streams: s,
		jobs:    make(chan func()),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go p.own()
	if s.NoProgress || s.unattended() || !s.obeysEscapes(s.Err) {
		return p
	}
	f := terminal(s.Err)
	p.spinner = spinner.New(spinner.CharSets[9], 100*time.Millisecond, spinner.WithWriterFile(f))
	p.spinner.Writer = frames{p, f}
	p.spinner.HideCursor = false // a frame does
	p.spinner.PreUpdate = func(sp *spinner.Spinner) { sp.Suffix, p.below = p.compose(f) }
	// The spinner has its own idea of when to colour. "reset" is its one colour that is none.
	_ = p.spinner.Color("reset")
	p.spinner.Start()
	p.endStops = p.leaveOnStop()
	return p
}

// own runs in the one goroutine that writes to the terminal.
func (p *Progress) own() {
	defer close(p.stopped)
	for {
		select {
		case job := <-p.jobs:
			job()
		case <-p.quit:
			return
		}
	}
}

// do has a job done by the goroutine that owns the terminal, or at once where that has ended.
func (p *Progress) do(job func()) {
	done := make(chan struct{})
	select {
	case p.jobs <- func() { defer close(done); job() }:
		<-done
	case <-p.stopped:
		job()
	}
}

// write puts text on standard error. When that is gone, there is nowhere left to say so.
func (p *Progress) write(text string) { _, _ = io.WriteString(p.streams.Err, text) }

// Follow has lines drawn whenever the spinner turns, ten times a second: those that the function gives for a number of
// columns, as many of them as fit. It must not wait for anything, nor call methods of p, and text from elsewhere must have been
// through Sanitize.
func (p *Progress) Follow(lines func(columns int) []string) { p.lines.Store(&lines) }

// Draws tells whether there is anybody to see what is drawn.
func (p *Progress) Draws() bool { return p.spinner != nil }

// Do calls print while the spinner is out of the way, and while a question stands on the last line, when that is gone. It
// may write whole lines to either stream, and must not call methods of p.
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
	p.do(func() {
		frame := p.drawn
		p.erase()
		print()
		p.draw(frame)
	})
}

// Suspend takes the spinner away until Resume has been called as often, so that a question can stand on the last line.
func (p *Progress) Suspend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.suspended++
	if p.suspended == 1 && p.spinner != nil {
		p.spinner.Stop()
		p.do(p.erase)
	}
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
	if p.spinner != nil {
		p.spinner.Start()
	}
}

// release prints what was held back.
func (p *Progress) release() {
	for _, print := range p.held {
		p.print(print)
	}
	p.held = nil
}

// Println prints text as a line on standard error, above the spinner if there is one. Text from elsewhere must have
// been through Sanitize.
func (p *Progress) Println(text string) {
	line := strings.TrimSuffix(text, "\n") + "\n"
	p.Do(func() { p.write(line) })
}

// Answer is Println for a line that somebody has just typed, whose echo has moved the cursor down.
// Where a question stands by then, the line was about that, and nothing is printed.
func (p *Progress) Answer(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.suspended == 0 {
		p.print(func() { p.write(cursorUp(1) + clearLine + strings.TrimSuffix(text, "\n") + "\n") })
	}
}

// Note is Println for someone who watches: it does nothing where no spinner is drawn.
func (p *Progress) Note(text string) {
	if p.spinner != nil {
		p.Println(text)
	}
}

// Stop clears the line and shows the cursor again. It may be called more than once, and by several goroutines. What is
// printed through p afterwards is printed as it comes, by the goroutine that asks for it.
func (p *Progress) Stop() {
	p.once.Do(func() {
		p.mu.Lock()
		p.suspended = 0
		p.release()
		p.mu.Unlock()
		if p.spinner != nil {
			p.endStops()
			p.spinner.Stop()
			p.do(p.erase)
		}
		close(p.quit)
		<-p.stopped
	})
}
