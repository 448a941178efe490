package cmd

import (
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/shell"
)

// scriptOfWords returns the script for the words after --. One word is the script itself. Several are a command and its arguments:
// they are quoted so that each arrives as typed.
func scriptOfWords(words []string, f *scriptFlags) ([]byte, []fleet.Warning, error) {
	switch {
	case len(words) == 1:
		return []byte(words[0]), nil, nil
	case strings.EqualFold(f.encoding, assist.Base64):
		return []byte(strings.Join(words, " ")), nil, nil
	case f.windows():
		return windowsWords(words, f.kind)
	case !f.noLint && shell.Reserved(words[0]):
		return nil, nil, reservedWord(words)
	}
	script, err := shell.Join(words)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	return []byte(script), operators(words), nil
}

// reservedWord returns the error for a first word that cannot name a command.
func reservedWord(words []string) error {
	instead := ""
	if shell.Assignment(words[0]) {
		if command, err := shell.Join(append([]string{"env"}, words...)); err == nil {
			instead = command + ", or "
		}
	}
	return usagef("several words after -- are a command and its arguments, and no command is named %s: write %sthe script as one word: %s",
		words[0], instead, oneWord(words))
}

// quoteWords returns what to type in a shell to pass these words.
func quoteWords(words []string) string {
	quoted, err := shell.Join(words)
	if err != nil {
		return "…"
	}
	return quoted
}

// oneWord returns what to type to make the words one script.
func oneWord(words []string) string {
	return quoteWords([]string{"--", strings.Join(words, " ")})
}

// windowsWords joins words that need no quotes on Windows, where cmd, PowerShell and each program parse quotes differently.
func windowsWords(words []string, kind string) ([]byte, []fleet.Warning, error) {
	for _, word := range words {
		if !shell.Plain(strings.ReplaceAll(word, `\`, "/")) || strings.ContainsAny(word, "%^@,") {
			return nil, nil, usagef("--type %s: %q would need quotes, which Windows programs parse differently: write the script as one word: %s",
				kind, word, oneWord(words))
		}
	}
	return []byte(strings.Join(words, " ")), nil, nil
}

// operators returns a warning if a word is a shell operator, which is only an argument here.
func operators(words []string) []fleet.Warning {
	if slices.Contains([]string{"[", "test", "expr", "find", "tr", "grep", "egrep", "sed", "awk", "echo", "printf"}, words[0]) {
		return nil // they take such words as arguments
	}
	for i, word := range words[:len(words)-1] {
		if i > 0 && !strings.HasPrefix(words[i-1], "-") && slices.Contains([]string{"|", "||", "&&", ";", ">", ">>", "<", "2>", "&>"}, word) {
			return []fleet.Warning{{Code: fleet.WarnOperatorArgument, Message: fmt.Sprintf(
				"%s is an argument of %s, as several words after -- are a command and its arguments; write a script as one word: %s",
				word, words[0], oneWord(words))}}
		}
	}
	return nil
}
