package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize makes text from elsewhere safe to show: it cannot move the cursor, set a title, ring, reorder or hide anything.
// Newlines and tabs stay, and the end of a Windows line becomes a newline. Other invisible characters become visible: control
// characters as ^[, others as \u202e, bytes that are not UTF-8 as \xff. Joiners, which scripts and emoji need, stay. The result
// is for display and cannot be converted back.
func Sanitize(text string) string {
	shown := shownPart(text)
	if shown == len(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for {
		b.WriteString(text[:shown])
		if text = text[shown:]; text == "" {
			return b.String()
		}
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case r == '\r' && strings.HasPrefix(text[1:], "\n"):
		case r < 0x20:
			b.WriteByte('^')
			b.WriteByte(byte(r) + '@')
		case r == 0x7f:
			b.WriteString("^?")
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		text = text[size:]
		shown = shownPart(text)
	}
}

// SanitizeLine is like [Sanitize], for text within a line: newlines and tabs become spaces.
func SanitizeLine(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(Sanitize(text), "\n", " "), "\t", " ")
}

// shownPart returns the length of a text's beginning that is safe to show.
func shownPart(text string) int {
	for i := 0; i < len(text); {
		if plain(rune(text[i])) { // the most frequent case
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !shows(r, size) {
			return i
		}
		i += size
	}
	return len(text)
}

// plain reports whether a rune is printable ASCII, a newline or a tab.
func plain(r rune) bool { return r >= ' ' && r < 0x7f || r == '\n' || r == '\t' }

// shows reports whether a rune, decoded from size bytes, is safe to show.
func shows(r rune, size int) bool {
	if plain(r) {
		return true
	}
	if r == utf8.RuneError && size == 1 {
		return false
	}
	return !unicode.IsControl(r) && !hides(r)
}

// Hidden reports whether a terminal may interpret a character or does not show it: DEL, C1 control characters, direction marks,
// line and paragraph separators, and zero-width characters other than joiners. Other control characters are not included,
// because every format escapes them.
func Hidden(r rune) bool { return r >= 0x7f && r <= 0x9f || hides(r) }

// hides reports whether r changes how other characters are shown, or is invisible.
func hides(r rune) bool {
	switch {
	case unicode.Is(unicode.Bidi_Control, r), unicode.In(r, unicode.Zl, unicode.Zp):
		return true
	case r == 0x200b, r >= 0x2060 && r <= 0x2064, r >= 0x206a && r <= 0x206f, r == 0xfeff:
		return true
	case r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}
