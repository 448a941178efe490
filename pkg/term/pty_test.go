//go:build unix

package term

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/creack/pty"
)

// screen is a pseudo-terminal and what has been written to it.
type screen struct {
	t    *testing.T
	ptmx *os.File
	tty  *os.File
	seen bytes.Buffer
}

func newScreen(t *testing.T, columns uint16) *screen {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	s := &screen{t: t, ptmx: ptmx, tty: tty}
	s.resize(columns)
	t.Cleanup(func() { ptmx.Close(); tty.Close() })
	return s
}

func (s *screen) resize(columns uint16) {
	s.t.Helper()
	if err := pty.Setsize(s.ptmx, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		s.t.Fatal(err)
	}
}

// until reads on until what has been written since the last call satisfies ok, and returns that.
func (s *screen) until(ok func(string) bool) string {
	s.t.Helper()
	var got strings.Builder
	buffer := make([]byte, 4096)
	for !ok(got.String()) {
		n, err := s.ptmx.Read(buffer)
		got.Write(buffer[:n])
		s.seen.Write(buffer[:n])
		if err != nil {
			s.t.Fatalf("after %q: %v", got.String(), err)
		}
	}
	return got.String()
}

func (s *screen) untilHas(text string) {
	s.t.Helper()
	s.until(func(got string) bool { return strings.Contains(got, text) })
}

// finish ends the output and returns all of it. What stops the writing runs while the terminal is being read.
func (s *screen) finish(stop func()) string {
	s.t.Helper()
	const end = "\x00end"
	go func() {
		stop()
		io.WriteString(s.tty, end)
	}()
	s.untilHas(end)
	return strings.TrimSuffix(s.seen.String(), end)
}

// shown plays back output, of ASCII characters, as a terminal would, and returns the lines that are there in the end.
func shown(output string) (lines []string, cursor bool) {
	line, column, cursor := []byte{}, 0, true
	skip := func(sequence string) (ok bool) {
		output, ok = strings.CutPrefix(output, sequence)
		return ok
	}
	for output != "" {
		switch {
		case skip("\x1b[K"):
			line = line[:min(column, len(line))]
		case skip("\x1b[?25l"):
			cursor = false
		case skip("\x1b[?25h"):
			cursor = true
		case skip("\x1b[0m"):
		case skip("\r"):
			column = 0
		case skip("\n"):
			lines = append(lines, string(line))
			line, column = line[:0], 0
		default:
			line = append(line[:column], append([]byte{output[0]}, line[min(column+1, len(line)):]...)...)
			output = output[1:]
			column++
		}
	}
	return append(lines, string(line)), cursor
}

func TestProgressOnTerminal(t *testing.T) {
	scr := newScreen(t, 80)
	s := New(nil, io.Discard, scr.tty, nil)
	p := s.StartProgress()
	p.Update("3 of 10")
	scr.untilHas("3 of 10")
	p.Println("first")
	p.Note("second\n")
	p.Update("7 of 10")
	scr.untilHas("7 of 10")
	p.Do(func() { io.WriteString(scr.tty, "third\n") })
	output := scr.finish(func() {
		p.Stop()
		p.Stop()
		p.Update("too late")
		p.Println("last")
	})

	before, _, found := strings.Cut(output, "3 of 10")
	if !found {
		t.Fatalf("the text is not there: %q", output)
	}
	if _, cursor := shown(before); cursor {
		t.Error("the cursor stands in the spinner")
	}
	lines, cursor := shown(output)
	if got, want := strings.Join(lines, "|"), "first|second|third|last|"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !cursor {
		t.Error("the cursor stays hidden")
	}
}

func TestProgressEndsWithContext(t *testing.T) {
	scr := newScreen(t, 80)
	p := New(nil, nil, scr.tty, nil).StartProgress()
	p.Update("waiting")
	scr.untilHas("waiting")
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() { p.Stop(); close(stopped) })
	cancel()
	lines, cursor := shown(scr.finish(func() { <-stopped; p.Stop() }))
	if len(lines) != 1 || lines[0] != "" || !cursor {
		t.Errorf("left behind: %q, cursor %t", lines, cursor)
	}
}

func TestProgressKeepsToTheLine(t *testing.T) {
	scr := newScreen(t, 40)
	p := New(nil, nil, scr.tty, environment("COLUMNS=200")).StartProgress()
	p.Update("世界\n\x1b[2J\t" + strings.Repeat("世界 wide ", 20))
	scr.untilHas("...")
	scr.resize(20)
	narrow := func(got string) bool {
		frames := strings.Split(got, "\r")
		last := frames[len(frames)-1]
		return strings.HasSuffix(last, "..."+clearRight) && columns(last) < 20
	}
	scr.until(narrow)
	output := scr.finish(p.Stop)

	for frame := range strings.SplitSeq(output, "\r") {
		if columns(frame) >= 40 {
			t.Errorf("%q fills the line", frame)
		}
	}
	if strings.Contains(output, "\n") || strings.Contains(output, "\x1b[2J") {
		t.Errorf("the text gets out of its line: %q", output)
	}
}

func columns(frame string) int {
	return displaywidth.Options{ControlSequences: true}.String(frame)
}

func TestProgressFromManyGoroutinesOnTerminal(t *testing.T) {
	scr := newScreen(t, 80)
	p := New(nil, nil, scr.tty, nil).StartProgress()
	lines, cursor := shown(scr.finish(func() {
		use(p)
		p.Stop()
	}))
	if len(lines) != 2*users*rounds+1 || !cursor {
		t.Errorf("got %d lines, cursor %t", len(lines), cursor)
	}
	for _, line := range lines {
		if line != "line" && line != "note" && line != "" {
			t.Errorf("a tangled line: %q", line)
		}
	}
}

func TestNoProgress(t *testing.T) {
	tests := []struct {
		name  string
		env   []string
		quiet bool
	}{
		{name: "dumb", env: []string{"TERM=dumb"}},
		{name: "quiet", quiet: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scr := newScreen(t, 80)
			s := New(nil, nil, scr.tty, environment(tt.env...))
			s.NoProgress = tt.quiet
			p := s.StartProgress()
			p.Update("waiting")
			p.Note("for a watcher")
			p.Println("line")
			if got := scr.finish(p.Stop); got != "line\r\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestTerminal(t *testing.T) {
	scr := newScreen(t, 100)
	tests := []struct {
		env     []string
		noColor bool
		colour  bool
		width   int
	}{
		{env: []string{"TERM=xterm"}, colour: true, width: 100},
		{env: []string{"TERM=xterm", "COLUMNS=60"}, colour: true, width: 60},
		{env: []string{"COLUMNS=wide"}, colour: true, width: 100},
		{env: []string{"TERM=dumb"}, width: 100},
		{env: []string{"NO_COLOR=0"}, width: 100},
		{noColor: true, width: 100},
	}
	for _, tt := range tests {
		s := New(scr.tty, scr.tty, scr.tty, environment(tt.env...))
		s.NoColor = tt.noColor
		if !s.InIsTerminal() || !s.OutIsTerminal() || !s.ErrIsTerminal() {
			t.Error("a terminal is not taken for one")
		}
		if s.OutColour() != tt.colour || s.ErrColour() != tt.colour {
			t.Errorf("%v: colour %t", tt.env, s.OutColour())
		}
		if s.Width() != tt.width {
			t.Errorf("%v: %d columns", tt.env, s.Width())
		}
	}

	scr.resize(0)
	if got := New(nil, scr.tty, nil, nil).Width(); got != 80 {
		t.Errorf("a terminal that knows no width: %d columns", got)
	}
	if got := New(nil, nil, scr.tty, environment("COLUMNS=33")).drawWidth(scr.tty); got != 33 {
		t.Errorf("a terminal that knows no width, with COLUMNS: %d columns to draw in", got)
	}
	if got := New(nil, nil, scr.tty, nil).drawWidth(scr.tty); got != 80 {
		t.Errorf("a terminal that knows no width: %d columns to draw in", got)
	}
}

func TestPipeBesideTerminal(t *testing.T) {
	scr := newScreen(t, 80)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := New(nil, scr.tty, w, nil)
	if !s.OutColour() || s.ErrColour() {
		t.Error("one stream's colour follows the other")
	}
	p := s.StartProgress()
	p.Update("waiting")
	p.Println("line")
	p.Stop()
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "line\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
