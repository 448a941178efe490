package term

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestBuffersAreNotTerminals(t *testing.T) {
	s := New(strings.NewReader(""), io.Discard, io.Discard, environment("COLUMNS=120", "TERM=xterm-256color"))
	if s.InIsTerminal() || s.OutIsTerminal() || s.ErrIsTerminal() {
		t.Error("a buffer is recognised as a terminal")
	}
	if s.OutColour() || s.ErrColour() {
		t.Error("a buffer is coloured")
	}
	if s.Width() != 0 {
		t.Errorf("a buffer is %d columns wide", s.Width())
	}
	if got := s.OutPainter().Bad("text"); got != "text" {
		t.Errorf("got %q", got)
	}
}

func TestColourOnRequest(t *testing.T) {
	tests := []struct {
		env     []string
		noColor bool
		want    bool
	}{
		{env: nil, want: false},
		{env: []string{"CLICOLOR_FORCE=1"}, want: true},
		{env: []string{"CLICOLOR_FORCE=0"}, want: false},
		{env: []string{"CLICOLOR_FORCE=1", "NO_COLOR=1"}, want: false},
		{env: []string{"CLICOLOR_FORCE=1"}, noColor: true, want: false},
	}
	for _, tt := range tests {
		s := New(nil, io.Discard, io.Discard, environment(tt.env...))
		s.NoColor = tt.noColor
		if got := s.OutColour(); got != tt.want {
			t.Errorf("%v, --no-color %t: got %t", tt.env, tt.noColor, got)
		}
	}
}

func TestPainter(t *testing.T) {
	p := Painter{on: true}
	for want, paint := range map[string]func(string) string{
		"\x1b[32mx\x1b[0m": p.Good,
		"\x1b[31mx\x1b[0m": p.Bad,
		"\x1b[33mx\x1b[0m": p.Warn,
		"\x1b[2mx\x1b[0m":  p.Dim,
		"\x1b[1mx\x1b[0m":  p.Bold,
		"\x1b[36mx\x1b[0m": func(text string) string { return p.Name(text, 6) }, // there are six colours
		"\x1b[35mx\x1b[0m": func(text string) string { return p.Name(text, 1) },
	} {
		if got := paint("x"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := paint(""); got != "" {
			t.Errorf("nothing becomes %q", got)
		}
	}
}

func TestNilEnvironmentIsEmpty(t *testing.T) {
	if New(nil, &bytes.Buffer{}, &bytes.Buffer{}, nil).ErrColour() {
		t.Error("a buffer is coloured")
	}
}
