package term

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize makes text from elsewhere safe to show: it cannot move the cursor, set a title, ring, reorder or hide
// anything. Newlines and tabs stay, and the end of a Windows line becomes a newline. Everything else that does not
// show is made to: control characters as ^[, other characters as \u202e, bytes that are not UTF-8 as \xff. Joiners,
// which scripts and emoji are spelt with, stay. The result is for eyes and cannot be turned back.
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

// shownPart is how much of a text's beginning may stand as it is.
func shownPart(text string) int {
	for i := 0; i < len(text); {
		if plain(rune(text[i])) { // most of what there is
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

// plain tells a rune that shows itself, and the ends of lines.
func plain(r rune) bool { return r >= ' ' && r < 0x7f || r == '\n' || r == '\t' }

// shows tells whether a rune, decoded from size bytes, may stand as it is.
func shows(r rune, size int) bool {
	if plain(r) {
		return true
	}
	if r == utf8.RuneError && size == 1 {
		return false
	}
	return !unicode.IsControl(r) && !hides(r)
}

// Hidden reports whether a terminal may obey a character, or does not show it: DEL, C1 control characters, marks of direction,
// line and paragraph separators, and characters without width but joiners. Other control characters are not meant: every
// format escapes them by itself.
func Hidden(r rune) bool { return r >= 0x7f && r <= 0x9f || hides(r) }

// hides tells whether r changes how other characters show, or is there without showing.
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
