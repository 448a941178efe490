package identity

import (
	"errors"
	"strings"
	"unicode"
)

// splitCommand cuts a command line into words, as the aliyun CLI cuts process_command: at blanks outside of quotes, without
// variables, globs or operators. On Windows a backslash is a part of a path, and escapes nothing but a double quote.
func splitCommand(line string, windows bool) ([]string, error) {
	var words []string
	var word strings.Builder
	begun := false
	quote := rune(0)
	runes := []rune(line)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case quote == '\'' && r != '\'':
			word.WriteRune(r)
		case quote != 0 && r == quote:
			quote = 0
		case r == '\\' && escapes(next, quote, windows):
			i++
			if next != '\n' {
				begun = true
				word.WriteRune(next)
			}
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'' && !windows:
			quote, begun = r, true
		case unicode.IsSpace(r):
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	switch {
	case quote != 0:
		return nil, errors.New("a quote is not closed")
	case begun:
		words = append(words, word.String())
	}
	return words, nil
}

// escapes reports whether a backslash makes the next character literal.
func escapes(next, quote rune, windows bool) bool {
	switch {
	case next == 0:
		return false
	case windows:
		return next == '"'
	case quote == '"':
		return strings.ContainsRune("\"\\$`\n", next)
	}
	return true
}
