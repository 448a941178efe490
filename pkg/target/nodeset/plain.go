package nodeset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain reports whether a name stands for itself in the notation, for [Split] and [Parse] as well as for nodeset and pdsh.
func Plain(name string) bool {
	if name == "" || name[0] == '-' || name[0] == '/' || wide(name) >= 0 {
		return false
	}
	for i, r := range name {
		if !plainRune(r) || r == utf8.RuneError && runeLen(name[i:]) == 1 {
			return false
		}
	}
	return true
}

// plainRune reports whether a character stands for itself anywhere in a name. A colon does not: pdsh reads the text before it
// as the connection method. Nor do decimal digits outside ASCII: nodeset replaces them by ASCII digits.
func plainRune(r rune) bool {
	switch r {
	case ',', '[', ']', '*', '?', '!', '&', '^', '@', '#', '%', '\\', ':', '"', '\'', '`', '…':
		return false
	}
	if r < utf8.RuneSelf {
		return ' ' < r && r < unicode.MaxASCII
	}
	return !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.IsDigit(r)
}

// wide returns the offset of a number at the end of a name that pdsh truncates: padded, with more than 14 digits. It returns -1
// if there is none.
func wide(name string) int {
	const most = 14
	start := len(name)
	for start > 0 && isDigit(name[start-1]) {
		start--
	}
	if len(name)-start > most && name[start] == '0' {
		return start
	}
	return -1
}

// escape returns a name with a backslash before each character that does not stand for itself.
func escape(name string) string {
	if Plain(name) {
		return name
	}
	var escaped strings.Builder
	if name[0] == '-' || name[0] == '/' {
		escaped.WriteByte('\\')
	}
	if number := wide(name); number >= 0 {
		writeEscaped(&escaped, name[:number])
		escaped.WriteByte('\\')
		name = name[number:]
	}
	writeEscaped(&escaped, name)
	return escaped.String()
}

// writeEscaped writes text with a backslash before each character that does not stand for itself everywhere.
func writeEscaped(to *strings.Builder, text string) {
	for text != "" {
		r, n := utf8.DecodeRuneInString(text)
		if !plainRune(r) || r == utf8.RuneError && n == 1 {
			to.WriteByte('\\')
		}
		to.WriteString(text[:n])
		text = text[n:]
	}
}
