package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagHint returns what an unknown flag, given by its name or letter, probably stands for.
func flagHint(cmd *cobra.Command, word string) (string, bool) {
	if run, ok := commandsBelow(cmd)["run"]; ok {
		cmd = run // the flag precedes the command, which is not known yet
	}
	return hintFor(flagHints(), word, func(flag string) bool {
		f := cmd.Flag(flag)
		return f != nil && !f.Hidden
	})
}

// commandHint returns what an unknown subcommand probably stands for.
func commandHint(above *cobra.Command, word string) (string, bool) {
	return hintFor(commandHints()[pathOf(above)], word, func(path string) bool {
		_, ok := commandsBelow(above.Root())[path]
		return ok
	})
}

func hintFor(hints []hint, word string, has func(needed string) bool) (string, bool) {
	for _, h := range hints {
		if slices.Contains(strings.Fields(h.words), word) && (h.needs == "" || has(h.needs)) {
			return h.text, true
		}
	}
	return "", false
}

// fanoutHint returns a hint for a number given to a flag whose letter limits concurrency in another tool: -f of ansible and clush,
// -P of xargs.
func fanoutHint(flags *pflag.FlagSet, text string) string {
	if text == "" || strings.Trim(text, "0123456789") != "" || flags.Lookup("fanout") == nil {
		return ""
	}
	return "; --fanout " + text + " limits how many instances run it at a time"
}
