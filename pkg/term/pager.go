package term

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/clipperhouse/displaywidth"
)

// Pager is a writer to standard output that starts a program such as less as soon as there is more than the terminal shows. The
// caller must close it. A write returns an error that [IsBrokenPipe] reports if the user has quit the program.
type Pager struct {
	streams *Streams
	command string
	environ []string

	held    []byte // what was written before its destination was decided
	columns int    // of the incomplete last line of held
	rows    int    // the rows that held takes
	plain   bool   // everything goes to the terminal
	in      io.WriteCloser
	failed  error

	mu      sync.Mutex
	process *exec.Cmd // nil until there is more than the terminal shows
	stopped bool
}

// Pages reports whether standard output is an attended terminal that a pager can draw on.
func (s *Streams) Pages() bool { return !s.unattended() && s.supportsEscapes(s.Out) }

// PagerCommand returns the command that an environment chooses: MUSTER_PAGER, otherwise PAGER, otherwise less if it is
// installed. It is empty for no pager, which an empty variable or cat chooses.
func PagerCommand(environ []string) string {
	for _, name := range []string{"MUSTER_PAGER", "PAGER"} {
		if command, ok := lookUp(environ, name); ok {
			if command = strings.TrimSpace(command); command == "cat" {
				return ""
			}
			return command
		}
	}
	if _, err := exec.LookPath("less"); err != nil {
		return ""
	}
	return "less"
}

// lookUp returns the last value of a variable.
func lookUp(environ []string, name string) (value string, ok bool) {
	for _, entry := range slices.Backward(environ) {
		if key, value, found := strings.Cut(entry, "="); found && key == name {
			return value, true
		}
	}
	return "", false
}

// Pager returns a pager with a command, which runs in an environment. With an empty command everything goes to the terminal.
func (s *Streams) Pager(command string, environ []string) *Pager {
	return &Pager{streams: s, command: command, environ: environ, plain: command == ""}
}

// Write holds text back until it is more than the terminal shows.
func (p *Pager) Write(text []byte) (int, error) {
	switch {
	case p.plain:
		return p.streams.Out.Write(text)
	case p.in != nil:
		return p.in.Write(text)
	}
	p.held = append(p.held, text...)
	if p.count(text); p.rows < p.streams.Height() { // one line is for the prompt
		return len(text), nil
	}
	if p.failed = p.start(); p.failed != nil {
		p.plain = true
	}
	if err := p.flush(); err != nil {
		return 0, err
	}
	return len(text), nil
}

// count adds the rows that a text takes on the screen.
func (p *Pager) count(text []byte) {
	width := max(1, p.streams.Width())
	for line := range bytes.Lines(text) {
		p.columns += displaywidth.Options{ControlSequences: true}.Bytes(bytes.TrimRight(line, "\n"))
		if line[len(line)-1] == '\n' {
			p.rows += max(1, (p.columns+width-1)/width)
			p.columns = 0
		}
	}
}

func (p *Pager) flush() error {
	w := p.streams.Out
	if p.in != nil {
		w = p.in
	}
	_, err := w.Write(p.held)
	p.held = nil
	return err
}

func (p *Pager) start() error {
	words, err := pagerWords(p.command)
	if err != nil {
		return err
	}
	// The program ends when the user quits it, not with a context: it handles interrupts itself.
	process := exec.CommandContext(context.Background(), words[0], words[1:]...)
	process.Env = p.environ
	for _, entry := range []string{"LESS=FRX", "LV=-c"} {
		if name, _, _ := strings.Cut(entry, "="); !slices.ContainsFunc(p.environ, func(other string) bool { return strings.HasPrefix(other, name+"=") }) {
			process.Env = append(process.Env, entry)
		}
	}
	process.Stdout, process.Stderr = p.streams.Out, p.streams.Err
	in, err := process.StdinPipe()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return io.ErrClosedPipe
	}
	if err := process.Start(); err != nil {
		return err
	}
	p.process, p.in = process, in
	return nil
}

// pagerWords returns the program of a command and its arguments: a shell's if the command needs one.
func pagerWords(command string) ([]string, error) {
	words := strings.Fields(command)
	if runtime.GOOS != "windows" && strings.ContainsAny(command, "|&;<>()$`\\\"'*?[#~=%!{") {
		return []string{"sh", "-c", command}, nil
	}
	_, err := exec.LookPath(words[0])
	return words, err
}

// Stop ends the program, and prevents its start. Unlike the other methods it may be called at any time.
func (p *Pager) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped = true; p.process != nil {
		_ = terminate(p.process.Process)
	}
}

// Close writes what is held, and waits until the user has quit the program. It ignores the program's exit status.
func (p *Pager) Close() error {
	if p.in == nil {
		return p.flush()
	}
	_ = p.in.Close()
	_ = p.process.Wait()
	return nil
}

// Err returns why the program could not be started, in which case everything went to the terminal.
func (p *Pager) Err() error {
	if wrong, ok := errors.AsType[*exec.Error](p.failed); ok && errors.Is(wrong.Err, exec.ErrNotFound) {
		return &NoPagerError{wrong.Name}
	}
	return p.failed
}

// NoPagerError reports that a pager is not installed.
type NoPagerError struct{ Name string }

func (e *NoPagerError) Error() string { return e.Name + " is not installed" }

// terminate asks a process to exit, or kills it if that is not possible.
func terminate(process *os.Process) error {
	if err := process.Signal(syscall.SIGTERM); err != nil {
		return process.Kill()
	}
	return nil
}
