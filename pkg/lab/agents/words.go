package agents

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// made reports whether a text has between one and most bytes, all of them ASCII letters, digits or bytes of others.
func made(text, others string, most int) bool {
	if text == "" || len(text) > most {
		return false
	}
	for _, c := range []byte(text) {
		if !letterOrDigit(c) && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// wellFormedID reports whether a text is the id of an instance or a task: up to 64 letters, digits, "-" and "_".
func wellFormedID(id string) bool { return made(id, "-_", 64) }

// printable reports whether a text is valid UTF-8 of at most most bytes, in which all characters can be seen or are spaces.
func printable(text string, most int) bool {
	return len(text) <= most && utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// cleaned returns a text of a host as printable UTF-8 of at most most bytes.
func cleaned(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
