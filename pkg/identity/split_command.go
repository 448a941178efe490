package identity

import (
	"errors"
	"strings"
	"unicode"
)

// splitCommand splits a command line into words like the aliyun CLI splits process_command: at white space outside quotes,
// without expanding variables or globs, and without operators. On Windows, where paths contain backslashes, a backslash only
// escapes a double quote.
func splitCommand(line string, windows bool) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
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
				inWord = true
				word.WriteRune(next)
			}
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'' && !windows:
			quote, inWord = r, true
		case unicode.IsSpace(r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			inWord = true
			word.WriteRune(r)
		}
	}
	switch {
	case quote != 0:
		return nil, errors.New("a quote is not closed")
	case inWord:
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
