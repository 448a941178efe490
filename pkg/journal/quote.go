package journal

import (
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// appendQuoted appends a text, which must be valid UTF-8, as a JSON string like those of [lineOptions]. Most of a text needs no
// escapes, and is checked eight bytes at a time.
func appendQuoted(to []byte, text string) []byte {
	to = append(to, '"')
	for {
		n := plainPrefix(text)
		to = append(to, text[:n]...)
		if n == len(text) {
			return append(to, '"')
		}
		to = appendEscaped(to, text[n:])
		_, size := utf8.DecodeRuneInString(text[n:])
		text = text[n+size:]
	}
}

// appendEscaped appends the first character of a text, escaped if necessary.
func appendEscaped(to []byte, text string) []byte {
	const digits = "0123456789abcdef"
	switch c := text[0]; c {
	case '"', '\\':
		return append(to, '\\', c)
	case '\n':
		return append(to, `\n`...)
	case '\t':
		return append(to, `\t`...)
	case '\r':
		return append(to, `\r`...)
	case '\b':
		return append(to, `\b`...)
	case '\f':
		return append(to, `\f`...)
	default:
		if c < ' ' {
			return append(to, '\\', 'u', '0', '0', digits[c>>4], digits[c&0xf])
		}
	}
	switch r, size := utf8.DecodeRuneInString(text); r {
	case '\u2028':
		return append(to, `\u2028`...)
	case '\u2029':
		return append(to, `\u2029`...)
	default:
		return append(to, text[:size]...)
	}
}

// appendUnquoted appends the text of a JSON string. It returns an error if the string is invalid.
func appendUnquoted(to []byte, literal jsontext.Value) ([]byte, error) {
	begin := len(to)
	for rest := literal[1:]; ; {
		n := plainPrefix([]byte(rest))
		to, rest = append(to, rest[:n]...), rest[n:]
		switch {
		case len(rest) == 1 && rest[0] == '"' && utf8.Valid(to[begin:]):
			return to, nil
		case len(rest) > 0 && rest[0] >= utf8.RuneSelf:
			to, rest = append(to, rest[0]), rest[1:]
		case len(rest) > 1 && rest[0] == '\\' && unescaped(rest[1]) != 0:
			to, rest = append(to, unescaped(rest[1])), rest[2:]
		default: // other escapes, and errors
			return jsontext.AppendUnquote(to[:begin], literal)
		}
	}
}

// unescaped returns the character of a two-character escape, or 0 if the escape is longer.
func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return 0
}

// plainPrefix returns the number of bytes before the first that may begin a character to escape: a control character, a
// quotation mark, a backslash, or the first byte of the line separators.
func plainPrefix[T string | []byte](text T) int {
	const ones, highs, separator = 0x0101010101010101, 0x8080808080808080, 0xe2
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		eight := text[at : at+8]
		word := uint64(eight[0]) | uint64(eight[1])<<8 | uint64(eight[2])<<16 | uint64(eight[3])<<24 |
			uint64(eight[4])<<32 | uint64(eight[5])<<40 | uint64(eight[6])<<48 | uint64(eight[7])<<56
		// The lowest high bit that is left belongs to the first such byte: borrows change only the bytes after it.
		found := (word - ' '*ones) &^ word
		quote, backslash, line := word^'"'*ones, word^'\\'*ones, word^separator*ones
		found |= (quote-ones)&^quote | (backslash-ones)&^backslash | (line-ones)&^line
		if found &= highs; found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for ; at < len(text); at++ {
		if c := text[at]; c < ' ' || c == '"' || c == '\\' || c == separator {
			return at
		}
	}
	return at
}
