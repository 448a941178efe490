package cmd

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestHints checks that hints name existing flags and commands, and that none is for an existing one.
func TestHints(t *testing.T) {
	root := quietRoot()
	commands := commandsBelow(root)
	flags := []string{"version", "help"}
	eachFlag(func(_ string, f *pflag.Flag) { flags = append(flags, f.Name) })
	mentioned := func(text string) {
		for _, m := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(text, -1) {
			if !slices.Contains(flags, m[1]) {
				t.Errorf("there is no --%s: %s", m[1], text)
			}
		}
		for _, m := range regexp.MustCompile(`\bmuster ([a-z ]+) [A-Z]+\b`).FindAllStringSubmatch(text, -1) {
			if _, ok := commands[m[1]]; !ok && m[1] != "needs no" {
				t.Errorf("there is no muster %s: %s", m[1], text)
			}
		}
	}
	for _, h := range flagHints() {
		if h.needs == "" || slices.Contains(flags, h.needs) {
			mentioned(h.text)
		}
		if h.needs != "" && slices.Contains(strings.Fields(h.words), h.needs) {
			t.Errorf("--%s is a hint to itself", h.needs)
		}
	}
	for above, hints := range commandHints() {
		for _, h := range hints {
			if _, ok := commands[h.needs]; h.needs == "" || ok {
				mentioned(h.text)
			}
			for _, word := range strings.Fields(h.words) {
				if cmd, ok := commands[strings.TrimSpace(above+" "+word)]; ok {
					t.Errorf("%q below %q is a command: %s", word, above, cmd.CommandPath())
				}
			}
		}
	}
}
