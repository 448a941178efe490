package shell

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// A QuoteError reports a word that no shell can be given.
type QuoteError struct{ Word string }

func (e *QuoteError) Error() string {
	return fmt.Sprintf("the word %q has a NUL byte, which no shell can pass on", e.Word)
}

// Join returns the command that runs an argv in a POSIX shell: the first word is the command's name, and each word arrives as it
// is. Words that need no quotes have none.
//
// It quotes by itself, since syntax.Quote refuses line ends, tabs and bytes that are not UTF-8 for POSIX shells, although they may
// all stand between single quotes.
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

// quote puts a word between quotes: double ones if that avoids '\” without escaping anything else.
func quote(word string) string {
	if strings.Contains(word, "'") && !strings.ContainsAny(word, "\"\\`$!") {
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Plain reports whether a word means itself to a shell, without quotes, wherever it is not the first one.
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

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\+?=`)

// Reserved reports whether a shell reads a word as its own where a command's name is expected: as a keyword, or as an assignment.
// The word time is not among them, since it is a program as well.
func Reserved(word string) bool {
	return syntax.IsKeyword(word) && word != "time" || Assignment(word)
}

// Assignment reports whether a shell reads a word before a command's name as NAME=VALUE.
func Assignment(word string) bool { return assignment.MatchString(word) }
