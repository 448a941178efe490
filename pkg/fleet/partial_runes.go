package fleet

import "unicode/utf8"

// maxHead is the largest number of bytes that an agent keeps of an output's beginning when it drops what follows. The builds of
// the official agent up to 578 keep what they reported while the script ran, up to 8,048 bytes; those from 631 on always keep
// 6,000. The end of the output follows them. The service does not report the number.
const maxHead = 8048

// trimPartialRunes removes partial characters where an agent dropped bytes of an output, so that text stays valid text. It returns the
// output and the number of bytes that it lacks now. An output that has invalid UTF-8 elsewhere is returned unchanged.
func trimPartialRunes(output string, dropped int64) (string, int64) {
	if dropped == 0 {
		return output, dropped
	}
	from := validPrefix(output)
	to := from + invalidPrefix(output[from:])
	if from == to || !mayBePartialRunes(output, from, to) || !utf8.ValidString(output[to:]) {
		return output, dropped
	}
	return output[:from] + output[to:], dropped + int64(to-from)
}

// mayBePartialRunes reports whether the invalid bytes between two offsets may be parts of characters: the beginning of one and
// the end of another where an agent joins the two parts of an output, or only the former at the output's end.
func mayBePartialRunes(output string, from, to int) bool {
	if from > maxHead && to < len(output) || to-from > 2*(utf8.UTFMax-1) {
		return false
	}
	ends := output[from:to]
	if ends[0] >= 0xc2 && ends[0] <= 0xf4 { // the first byte of a character
		ends = ends[1:]
	}
	for i := range len(ends) {
		if utf8.RuneStart(ends[i]) {
			return false
		}
	}
	return true
}

// validPrefix returns the length of the longest valid UTF-8 prefix of a text.
func validPrefix(text string) int {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// invalidPrefix returns the number of bytes at the beginning of a text that are not valid UTF-8.
func invalidPrefix(text string) int {
	at := 0
	for at < len(text) {
		if r, size := utf8.DecodeRuneInString(text[at:]); r != utf8.RuneError || size != 1 {
			break
		}
		at++
	}
	return at
}
