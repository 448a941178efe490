package fleet

import "unicode/utf8"

// longestBeginning is how many bytes of an output's beginning an agent may keep when it drops what follows: builds of the
// official agent before 631 keep up to 8,048 bytes, later ones 6,000. Behind them comes the output's end.
const longestBeginning = 8048

// trimCut removes what is left of characters that were cut where an agent dropped bytes of an output, so that text stays
// text. It returns the output and the number of bytes it now lacks. An output that is not UTF-8 anywhere else is returned
// as it came.
func trimCut(output string, dropped int64) (string, int64) {
	if dropped == 0 {
		return output, dropped
	}
	from := validPrefix(output)
	to := from + invalidPrefix(output[from:])
	if from == to || !cutAt(output, from, to) || !utf8.ValidString(output[to:]) {
		return output, dropped
	}
	return output[:from] + output[to:], dropped + int64(to-from)
}

// cutAt reports whether the invalid bytes from one place to another may be the remains of characters that were cut: the
// beginning of one and the end of another where an agent joins the two parts of an output, or the first alone at its end.
func cutAt(output string, from, to int) bool {
	if from > longestBeginning && to < len(output) || to-from > 2*(utf8.UTFMax-1) {
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

// validPrefix returns how many bytes of a text stand before the first that is not part of valid UTF-8.
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

// invalidPrefix returns how many bytes at the beginning of a text are not part of valid UTF-8.
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
