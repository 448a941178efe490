package nodeset

import (
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Wrap is [Fold] for a column of a table: it returns at most the given number of lines, of at most the given columns each.
// Lines break after commas. If not all names fit, the text ends with the number of names left out: web-[001,003] … and 12 more.
// [Split] and [Parse] refuse such a text.
func Wrap(names []string, columns, lines int) (wrapped []string, left int) {
	terms := fold(names)
	whole := wrapper{columns: columns, lines: lines}
	if whole.fill(terms) {
		return whole.text, 0
	}
	total := 0
	for _, t := range terms {
		total += t.size()
	}
	w := wrapper{columns: columns, lines: lines, reserve: displaywidth.String(more(total))}
	w.fill(terms)
	left = total - w.shown
	return w.end(more(left)), left
}

func more(left int) string { return " " + ellipsis + " and " + strconv.Itoa(left) + " more" }

// size returns the number of names that the term stands for.
func (t term) size() int { return max(1, len(t.numbers)) }

// wrapper fills lines with terms, which it breaks between their numbers.
type wrapper struct {
	columns, lines int
	reserve        int // columns to keep free at the end of the last line

	text  []string
	open  string // the end of the term that the last line is in
	shown int    // the number of names written
}

// fill writes the terms, and reports whether all of them fit.
func (w *wrapper) fill(terms []term) bool {
	for i, t := range terms {
		comma := ","
		if i == len(terms)-1 {
			comma = ""
		}
		if len(t.numbers) < 2 {
			if !w.add(string(t.append(nil))+comma, "") {
				return false
			}
			w.shown++
			continue
		}
		start := t.prefix + "["
		for from := 0; from < len(t.numbers); {
			n := runLength(t.numbers[from:])
			if from == 0 && n == 1 { // a single number in brackets would be read as a character class
				n += runLength(t.numbers[1:])
			}
			piece, close := start+string(t.appendRuns(nil, t.numbers[from:from+n])), "]"+t.suffix
			if from+n == len(t.numbers) {
				piece, close = piece+close+comma, ""
			} else {
				piece += ","
			}
			if !w.add(piece, close) {
				return false
			}
			w.shown += n
			from, start = from+n, ""
		}
	}
	return true
}

// add adds a piece of a term that would be completed by close. It returns false if there is no room.
func (w *wrapper) add(piece, close string) bool {
	width, last := displaywidth.String(piece), len(w.text)-1
	switch {
	case last >= 0 && displaywidth.String(w.text[last])+width+w.kept(last, close) <= w.columns:
		w.text[last] += piece
	case last+1 == w.lines, last >= 0 && width+w.kept(last+1, close) > w.columns && width <= w.columns:
		return false
	default:
		w.text = append(w.text, displaywidth.TruncateString(piece, w.columns, ellipsis))
	}
	w.open = close
	return true
}

// kept returns the number of columns to keep free at the end of a line.
func (w *wrapper) kept(line int, close string) int {
	if w.reserve == 0 || line+1 < w.lines {
		return 0
	}
	return w.reserve + displaywidth.String(close)
}

// end completes the last term and adds a text, on a line of its own if one is left, or else after the truncated last name.
func (w *wrapper) end(text string) []string {
	if len(w.text) == 0 {
		return []string{text[1:]}
	}
	last := &w.text[len(w.text)-1]
	*last = strings.TrimSuffix(*last, ",") + w.open
	if room := max(1, w.columns-displaywidth.String(text)); displaywidth.String(*last) > room {
		if len(w.text) < w.lines {
			return append(w.text, text[1:])
		}
		*last = displaywidth.TruncateString(*last, room, ellipsis)
	}
	*last += text
	return w.text
}
