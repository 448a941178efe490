package shell

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// A QuoteError reports a word that cannot be passed to a program.
type QuoteError struct{ Word string }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("the word %q contains a NUL byte, which cannot be passed to a program", e.Word)
}

// Join returns a POSIX shell command line that runs an argv: the first word is the command, and it receives every word unchanged.
// Only words that need quotes are quoted. An error is a [*QuoteError].
//
// Join does not use syntax.Quote, because for POSIX shells it refuses newlines, tabs and bytes that are not UTF-8, although they are
// valid inside single quotes.
func Join(words []string) (string, error) {
	quoted := make([]string, len(words))
	for i, word := range words {
		switch {
		case strings.ContainsRune(word, 0):
			return "", &QuoteError{word}
		case Plain(word) && (i > 0 || !Reserved(word)):
			quoted[i] = word
		default:
			quoted[i] = quote(word)
		}
	}
	return strings.Join(quoted, " "), nil
}

// quote returns a word in single quotes, or in double quotes if it contains single quotes and nothing to escape.
func quote(word string) string {
	if strings.Contains(word, "'") && !strings.ContainsAny(word, "\"\\`$!") {
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Plain reports whether a word needs no quotes as an argument.
func Plain(word string) bool {
	if word == "" || !utf8.ValidString(word) {
		return false
	}
	for i, r := range word {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("_-./:,+@%^", r):
		case r == '=' && i > 0: // zsh expands =word
		default:
			return false
		}
	}
	return true
}

var assignment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\+?=`) })

// Reserved reports whether a word must be quoted to name a command, because it is a keyword or an assignment. time is not reserved,
// because it is also a program.
func Reserved(word string) bool {
	return syntax.IsKeyword(word) && word != "time" || Assignment(word)
}

// Assignment reports whether a word before the name of a command is an assignment, NAME=VALUE.
func Assignment(word string) bool { return assignment().MatchString(word) }
