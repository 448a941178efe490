//go:build unix

package term

import (
	"bytes"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// screen is a pseudo-terminal and what has been written to it.
type screen struct {
	t      *testing.T
	ptmx   *os.File
	tty    *os.File
	seen   bytes.Buffer
	played vt10x.Terminal // what a user sees
}

func newScreen(t *testing.T, columns uint16) *screen {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	s := &screen{t: t, ptmx: ptmx, tty: tty, played: vt10x.New(vt10x.WithSize(int(columns), 24))}
	s.resize(columns)
	t.Cleanup(func() { ptmx.Close(); tty.Close() })
	return s
}

func (s *screen) resize(columns uint16) {
	s.t.Helper()
	s.resizeTo(columns, 24)
}

func (s *screen) resizeTo(columns, rows uint16) {
	s.t.Helper()
	if err := pty.Setsize(s.ptmx, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		s.t.Fatal(err)
	}
	s.played.Resize(int(columns), int(rows))
}

// untilShown reads on until these lines, and no others, are on the screen. The spinner's character is written as a 2.
func (s *screen) untilShown(want ...string) {
	s.t.Helper()
	s.untilLines(func(lines []string) bool { return slices.Equal(lines, want) })
}

// untilShownAtEnd reads on until a line is the last one on the screen.
func (s *screen) untilShownAtEnd(want string) {
	s.t.Helper()
	s.untilLines(func(lines []string) bool { return len(lines) > 0 && lines[len(lines)-1] == want })
}

func (s *screen) untilLines(ok func([]string) bool) {
	s.t.Helper()
	s.until(func(string) bool { return ok(s.lines()) })
}

func (s *screen) lines() []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(s.played.String(), " \n"), "\n") {
		if line = strings.TrimRight(line, " "); len(line) > 1 && strings.ContainsRune(`|/-\`, rune(line[0])) && line[1] == ' ' {
			line = "2" + line[1:]
		}
		lines = append(lines, line)
	}
	return lines
}

// until reads on until what has been written since the last call satisfies ok, and returns that.
func (s *screen) until(ok func(string) bool) string {
	s.t.Helper()
	var got strings.Builder
	buffer := make([]byte, 4096)
	late := make(chan struct{})
	defer time.AfterFunc(20*time.Second, func() {
		close(late)
		_, _ = io.WriteString(s.tty, "\a") // ends the read
	}).Stop()
	for !ok(got.String()) {
		select {
		case <-late:
			s.t.Fatalf("timeout; on the screen is %q", s.lines())
		default:
		}
		n, err := s.ptmx.Read(buffer)
		got.Write(buffer[:n])
		s.seen.Write(buffer[:n])
		_, _ = s.played.Write(buffer[:n])
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

// finish calls stop, which ends the output, and returns all output. It reads the terminal meanwhile.
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

// shown plays back output on a terminal of a width, and returns the lines down to the cursor.
func shown(output string, columns int) (lines []string, cursor bool) {
	played := vt10x.New(vt10x.WithSize(columns, 1000))
	_, _ = io.WriteString(played, output)
	for _, line := range strings.SplitN(played.String(), "\n", played.Cursor().Y+2)[:played.Cursor().Y+1] {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines, played.CursorVisible()
}

func TestProgressOnTerminal(t *testing.T) {
	scr := newScreen(t, 80)
	s := New(nil, io.Discard, scr.tty, nil)
	p := s.StartProgress()
	p.Follow(text("3 of 10"))
	scr.untilHas("3 of 10")
	p.Println("first")
	p.Note("second\n")
	p.Follow(text("7 of 10"))
	scr.untilHas("7 of 10")
	p.Do(func() { io.WriteString(scr.tty, "third\n") })
	output := scr.finish(func() {
		p.Stop()
		p.Stop()
		p.Follow(text("too late"))
		p.Println("last")
	})

	before, _, found := strings.Cut(output, "3 of 10")
	if !found {
		t.Fatalf("the text is not there: %q", output)
	}
	if _, cursor := shown(before, 80); cursor {
		t.Error("the cursor is visible in the spinner")
	}
	lines, cursor := shown(output, 80)
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
	p.Follow(text("waiting"))
	scr.untilHas("waiting")
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() { p.Stop(); close(stopped) })
	cancel()
	lines, cursor := shown(scr.finish(func() { <-stopped; p.Stop() }), 80)
	if len(lines) != 1 || lines[0] != "" || !cursor {
		t.Errorf("left behind: %q, cursor %t", lines, cursor)
	}
}

// TestProgressOfManyLines checks the screen while it is drawn, printed above, answered, resized and suspended.
func TestProgressOfManyLines(t *testing.T) {
	scr := newScreen(t, 40)
	s := New(scr.tty, io.Discard, scr.tty, environment("COLUMNS=200"))
	p := s.StartProgress()
	painter := Painter{on: true}
	p.Follow(text("世界 "+painter.Bad(strings.Repeat("wide ", 20)), "second\nline", "third"))
	scr.untilShown("2 世界 wide wide wide wide wide wide...", "  second line", "  third")
	p.Println("printed")
	scr.untilShown("printed", "2 世界 wide wide wide wide wide wide...", "  second line", "  third")

	_, _ = io.WriteString(scr.ptmx, "asked\r") // its echo moves the cursor
	scr.untilHas("asked\r\n")
	p.Answer("answered")
	scr.untilShown("printed", "answered", "2 世界 wide wide wide wide wide wide...", "  second line", "  third")

	p.Follow(text("fewer"))
	scr.untilShown("printed", "answered", "2 fewer")
	p.Follow(func(columns int) []string { return []string{strings.Repeat("-", columns), "a", "b", "c"} })
	scr.untilShown("printed", "answered", "2 "+strings.Repeat("-", 37), "  a", "  b", "  c")
	scr.resizeTo(20, 3)
	scr.untilShown("answered", "2 "+strings.Repeat("-", 17), "  a")
	scr.resizeTo(20, 24)

	p.Suspend()
	p.Answer("to a question")
	p.Follow(text("again"))
	p.Resume()
	scr.untilShownAtEnd("2 again")
	output := scr.finish(p.Stop)
	lines, cursor := shown(output, 40)
	if got := strings.Join(lines, "|"); !strings.HasPrefix(got, "printed|answered|") || strings.Contains(got, "again") || strings.Contains(got, "question") || !cursor {
		t.Errorf("left behind: %q, cursor %t", got, cursor)
	}
}

func TestProgressFromManyGoroutinesOnTerminal(t *testing.T) {
	scr := newScreen(t, 80)
	p := New(nil, nil, scr.tty, nil).StartProgress()
	lines, cursor := shown(scr.finish(func() {
		use(p)
		p.Stop()
	}), 80)
	if len(lines) != 2*users*rounds+1 || !cursor {
		t.Errorf("got %d lines, cursor %t", len(lines), cursor)
	}
	for _, line := range lines {
		if line != "line" && line != "note" && line != "" {
			t.Errorf("a garbled line: %q", line)
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
		{name: "unattended", env: []string{"CI=true"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scr := newScreen(t, 80)
			s := New(nil, nil, scr.tty, environment(tt.env...))
			s.NoProgress = tt.quiet
			p := s.StartProgress()
			p.Follow(text("waiting"))
			p.Note("for a watcher")
			p.Println("line")
			if got := scr.finish(p.Stop); got != "line\r\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNoQuestionsInCI(t *testing.T) {
	scr := newScreen(t, 80)
	for value, asked := range map[string]bool{"true": false, "1": false, "woodpecker": false, "": true, "false": true, "0": true} {
		if _, ok := New(scr.tty, nil, scr.tty, environment("CI="+value)).Keyboard(); ok != asked {
			t.Errorf("CI=%s: keyboard: %t", value, ok)
		}
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
			t.Error("a terminal is not recognised")
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
		t.Errorf("a terminal without a width: %d columns", got)
	}
	if got := New(nil, nil, scr.tty, environment("COLUMNS=33")).drawWidth(scr.tty); got != 33 {
		t.Errorf("a terminal without a width, with COLUMNS: %d columns to draw in", got)
	}
	if got := New(nil, nil, scr.tty, nil).drawWidth(scr.tty); got != 80 {
		t.Errorf("a terminal without a width: %d columns to draw in", got)
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
		t.Error("one stream's colour depends on the other")
	}
	p := s.StartProgress()
	p.Follow(text("waiting"))
	p.Println("line")
	p.Stop()
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil || string(got) != "line\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
