package report

import "strings"

const (
	narrowest  = 36 // columns that an output has in a narrow window
	shownLines = 20 // of an output, before it is scrolled
)

// scrolls reports whether an output may be higher than what is shown of it, in a narrow window at least.
func scrolls(text string) bool {
	lines := 0
	for line := range strings.Lines(text) {
		lines += 1 + len(line)/narrowest
		if lines > shownLines {
			return true
		}
	}
	return false
}
