//go:build unix

package term

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// paged writes the given number of lines through a pager, and returns the screen and the errors of closing and starting it.
func paged(t *testing.T, lines int, command string, environ ...string) (shown string, wrote, start error) {
	t.Helper()
	scr := newScreen(t, 40)
	p := New(nil, scr.tty, scr.tty, environment(environ...)).Pager(command, append(environ, "PATH=/usr/bin:/bin"))
	shown = scr.finish(func() {
		for n := range lines {
			if _, wrote = fmt.Fprintf(p, "line %d\n", n); wrote != nil {
				break
			}
		}
		if err := p.Close(); wrote == nil {
			wrote = err
		}
	})
	return strings.ReplaceAll(shown, "\r\n", "\n"), wrote, p.Err()
}

func TestPagerGetsMoreThanAScreen(t *testing.T) {
	for lines, want := range map[int]string{0: "", 1: "line 0\n", 23: "line 22\n", 24: "paged_line 23\n", 500: "paged_line 499\n"} {
		shown, wrote, start := paged(t, lines, "sed s/^/paged_/")
		if !strings.HasSuffix(shown, want) || strings.Count(shown, "\n") != lines || wrote != nil || start != nil {
			t.Errorf("%d lines: %q, %v, %v", lines, shown, wrote, start)
		}
		if got := strings.Contains(shown, "paged"); got != (lines >= 24) {
			t.Errorf("%d lines: paged: %t", lines, got)
		}
	}
}

func TestPagerCountsWrappedLines(t *testing.T) {
	scr := newScreen(t, 40)
	p := New(nil, scr.tty, scr.tty, nil).Pager("sed s/^/paged_/", []string{"PATH=/usr/bin:/bin"})
	shown := scr.finish(func() {
		_, _ = io.WriteString(p, strings.Repeat("\x1b[31m世界\x1b[0m ", 8)+"\n") // 40 columns
		_, _ = io.WriteString(p, strings.Repeat(strings.Repeat("x", 41)+"\n", 11))
		_, _ = io.WriteString(p, "last\n")
		_ = p.Close()
	})
	if !strings.Contains(shown, "paged_last") {
		t.Errorf("24 lines on the screen are not paged: %q", shown)
	}
}

func TestPagerThatQuits(t *testing.T) {
	_, wrote, start := paged(t, 1_000_000, "head -n 3")
	if !IsBrokenPipe(wrote) || start != nil {
		t.Errorf("%v, %v", wrote, start)
	}
}

func TestMissingPager(t *testing.T) {
	shown, wrote, start := paged(t, 100, "no-such-pager -R")
	missing, ok := errors.AsType[*NoPagerError](start)
	if !ok || missing.Name != "no-such-pager" || wrote != nil || strings.Count(shown, "\n") != 100 {
		t.Errorf("%d lines, %v, %v", strings.Count(shown, "\n"), wrote, start)
	}
}

func TestPagerSetsOptionsOfLess(t *testing.T) {
	for want, environ := range map[string][]string{"FRX": nil, "S": {"LESS=S"}, "": {"LESS="}} {
		shown, _, _ := paged(t, 30, `cat >/dev/null; echo "<$LESS>"`, environ...)
		if shown != "<"+want+">\n" {
			t.Errorf("got %q, want %q", shown, want)
		}
	}
}

func TestStoppedPager(t *testing.T) {
	scr := newScreen(t, 40)
	p := New(nil, scr.tty, scr.tty, nil).Pager("cat >/dev/null; exec sleep 1000", []string{"PATH=/usr/bin:/bin"})
	scr.finish(func() {
		_, _ = io.WriteString(p, strings.Repeat("x\n", 30))
		p.Stop()
		_ = p.Close()
	})
}

func TestPagerCommand(t *testing.T) {
	for want, environ := range map[string][]string{
		"more":     {"PAGER=more", "A=b"},
		"less -S":  {"PAGER=more", "MUSTER_PAGER=less -S"},
		"":         {"PAGER=more", "MUSTER_PAGER="},
		"most":     {"PAGER=cat", "MUSTER_PAGER=most"},
		"last one": {"PAGER=first", "PAGER=last one"},
	} {
		if got := PagerCommand(environ); got != want {
			t.Errorf("%v: got %q, want %q", environ, got, want)
		}
	}
	for _, none := range []string{"PAGER=", "PAGER=cat", "PAGER= cat "} {
		if got := PagerCommand([]string{none}); got != "" {
			t.Errorf("%s: got %q", none, got)
		}
	}
}

func TestPages(t *testing.T) {
	scr := newScreen(t, 40)
	for _, test := range []struct {
		out     io.Writer
		environ string
		want    bool
	}{{scr.tty, "", true}, {scr.tty, "CI=true", false}, {scr.tty, "TERM=dumb", false}, {io.Discard, "", false}} {
		if got := New(nil, test.out, nil, environment(test.environ)).Pages(); got != test.want {
			t.Errorf("%T, %s: %t", test.out, test.environ, got)
		}
	}
}
