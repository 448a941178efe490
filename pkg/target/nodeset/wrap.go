package nodeset

import (
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Wrap is [Fold] for a column of a table: at most so many lines of at most so many columns. Lines are broken behind commas. Without
// room for all names it ends with how many are left out: web-[001,003] … and 12 more. [Split] and [Parse] refuse such a text.
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
	reserve        int // columns of the last line that are kept free

	text  []string
	open  string // what closes the term that the last line ends in
	shown int    // names
}

// fill reports whether all terms have room.
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
			if from == 0 && n == 1 { // a number alone between brackets would be a character class
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

// add adds a piece, behind which close would end a term. It returns false if there is no room.
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

// kept returns the columns at the end of a line that are kept free.
func (w *wrapper) kept(line int, close string) int {
	if w.reserve == 0 || line+1 < w.lines {
		return 0
	}
	return w.reserve + displaywidth.String(close)
}

// end closes the last term and adds a text, on a line of its own if there is one left, or else behind a name that is cut for it.
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
