package render

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"muster/pkg/term"
)

// escaper writes a document whose format has escapes, and uses them for characters that a terminal interprets or does not show,
// so that a document is safe on a terminal and reads back unchanged. All such characters are in strings.
type escaper struct {
	w      io.Writer
	escape func(r rune) string
	held   []byte // an incomplete character
	text   []byte
}

// escapeJSON returns the escape of a character in JSON, and in YAML's double quotes.
func escapeJSON(r rune) string {
	if r > 0xffff {
		r -= 0x10000
		return fmt.Sprintf(`\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// escapeXML returns the reference of a character.
func escapeXML(r rune) string { return fmt.Sprintf("&#x%X;", r) }

// Write writes a piece of the document. It holds back an incomplete character at the end.
func (e *escaper) Write(p []byte) (int, error) {
	if len(e.held) == 0 && plainASCII(p) {
		return e.w.Write(p)
	}
	rest := p
	if len(e.held) > 0 {
		rest = slices.Concat(e.held, p)
	}
	whole := wholeCharacters(rest)
	e.text = e.appendEscaped(e.text[:0], rest[:whole])
	e.held = append([]byte(nil), rest[whole:]...)
	if _, err := e.w.Write(e.text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// end writes what is held back.
func (e *escaper) end() error {
	_, err := e.w.Write(e.held)
	e.held = nil
	return err
}

func (e *escaper) appendEscaped(to, text []byte) []byte {
	from := 0
	for at := 0; at < len(text); {
		if !mayHide[text[at]] {
			at++
			continue
		}
		r, size := utf8.DecodeRune(text[at:])
		if size > 1 && term.Hidden(r) || r == 0x7f {
			to = append(append(to, text[from:at]...), e.escape(r)...)
			from = at + size
		}
		at += size
	}
	return append(to, text[from:]...)
}

// mayHide has the first bytes of the characters that [term.Hidden] reports.
var mayHide = [256]bool{0x7f: true, 0xc2: true, 0xd8: true, 0xe2: true, 0xef: true, 0xf3: true}

// plainASCII reports whether a text is ASCII without DEL. It checks eight bytes at a time.
func plainASCII(text []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		word := binary.LittleEndian.Uint64(text)
		if (word|(word+ones))&highs != 0 { // DEL and one is 0x80
			return false
		}
	}
	for _, b := range text {
		if b >= 0x7f {
			return false
		}
	}
	return true
}

// wholeCharacters returns the length of a text without an incomplete character at its end.
func wholeCharacters(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if at := len(text) - n; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return at
			}
			break
		}
	}
	return len(text)
}
