package render

import (
	"strings"
	"testing"
)

func TestLookalikeGroupsAreExplained(t *testing.T) {
	for _, tt := range []struct {
		name    string
		outputs []string
		want    []string // in their order
	}{
		{"different texts", []string{"ok\n", "no\n"}, nil},
		{"no newline", []string{"ok\n", "ok"}, []string{"(unlike i-000: no newline at the end)"}},
		{"a newline", []string{"ok", "ok\n", "ok\n"}, []string{"(unlike i-000: a newline at the end)"}},
		{"CRLF", []string{"ok\n", "ok\r\n"}, []string{"(unlike i-000: CRLF line ends)"}},
		{"both", []string{"a\nok\n", "a\r\nok"}, []string{"(unlike i-000: CRLF line ends, no newline at the end)"}},
		{"characters shown alike", []string{"^M\n", "\r\r\n"}, []string{"(unlike i-000: CRLF line ends)"}},
		{"an escape and its picture", []string{"^[\n", "\x1b\n"}, []string{"(unlike i-000: other characters that look the same here)"}},
	} {
		var got []string
		for line := range strings.Lines(formatted(t, Table, outputsOf(tt.outputs, func(int) bool { return false }))) {
			if strings.HasPrefix(line, "(unlike") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNormalizedGroupsIgnoreLineEnds(t *testing.T) {
	var b strings.Builder
	run := outputsOf([]string{"ok\n", "ok", "ok\r\n"}, func(int) bool { return false })
	if err := Write(&b, Table, run, Style{Grouping: Grouping{By: GroupNormalized}}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "==> i-[000-002] (3 instances) <==\nok\n") {
		t.Errorf("got %s", b.String())
	}
}

func TestDiffShowsLineEnds(t *testing.T) {
	var b strings.Builder
	run := outputsOf([]string{"ok", "ok\n", "ok\r\n", "ok\n"}, func(int) bool { return false })
	if err := Write(&b, Table, run, Style{Grouping: Grouping{Diff: true}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-ok\n+ok\n\\ No newline at end of file\n", "-ok\n+ok^M\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
}
