package cmd

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	text := "one two three\nfour\n\n  as it is, however long\n\nfive"
	want := "one two\n  three\n  four\n  \n    as it is, however long\n  \n  five"
	if got := wrap(text, 10, "  "); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWrapKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-zé…]{1,12}`)).Draw(t, "words")
		width := rapid.IntRange(8, 100).Draw(t, "width")
		got := wrap(strings.Join(words, " "), width, "   ")
		if strings.Join(strings.Fields(got), " ") != strings.Join(words, " ") {
			t.Errorf("%q has other words than %q", got, words)
		}
		for line := range strings.Lines("   " + got) {
			line = strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(line) > width && len(strings.Fields(line)) > 1 {
				t.Errorf("%q is wider than %d", line, width)
			}
		}
	})
}

// TestHelpFits checks that every line of help fits the terminal, except examples and single words.
func TestHelpFits(t *testing.T) {
	root := quietRoot()
	commands := commandsBelow(root)
	commands[""] = root
	for _, width := range []int{60, 80, 200} {
		for path, cmd := range commands {
			page := strings.Replace(helpPage(cmd, helpWidth(width)), cmd.Example, "", 1)
			if path == helpCommand {
				page += globalFlagsPage(root, helpWidth(width))
			}
			for line := range strings.Lines(page) {
				line = strings.TrimSuffix(line, "\n")
				asItIs := strings.Contains(cmd.Long, line)
				if utf8.RuneCountInString(line) > width && !asItIs && len(strings.Fields(line)) > 2 {
					t.Errorf("muster %s at %d columns: %q", path, width, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("muster %s: blanks at the end of %q", path, line)
				}
			}
		}
	}
}
