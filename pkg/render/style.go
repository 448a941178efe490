package render

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/target/nodeset"
	"muster/pkg/term"
)

// Style is how a table looks.
type Style struct {
	Paint  term.Painter // none where nobody sees colours
	Width  int          // the columns of the terminal; 0 where there is none
	Height int          // its rows; 0 where there is none
	Below  int          // how many of them are for lines that follow the document
	All    string       // the command that shows a row for each instance, where that is not the same one with -o wide

	Terminal bool // a terminal reads what is written

	Grouping Grouping
	MaxBytes int    // how large Markdown and JUnit's XML may be; 0: as large as their readers take
	Suite    string // the name of JUnit's suites; by itself what the run does

	wide     bool      // all columns, not just the ones that matter most
	markdown *markdown // nil for a table
}

// room is how many columns a line of names may have behind a title. Without a terminal that is as many as a log bears.
func (s Style) room(title string) int {
	const inLogs = 1000
	return max(1, cmp.Or(s.Width, inLogs)-displaywidth.String(title))
}

// headingColumns is the width of headings without a terminal, and leastHeading the columns for names in the narrowest one.
const (
	headingColumns = 120
	leastHeading   = 20
)

// heading folds the names of a group for a line in which other text takes some columns.
func (s Style) heading(names []string, other int) string {
	return foldInto(names, max(leastHeading, cmp.Or(s.Width, headingColumns)-other))
}

// foldInto folds names into some columns. Without room for all of them, it leaves out those in the middle.
func foldInto(names []string, columns int) string {
	if len(names) == 0 {
		return ""
	}
	return cell(nodeset.Shorten(names, columns))
}

// moment is a time for the eyes at a terminal, else for programs.
func (s Style) moment(t time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case s.Width > 0:
		return t.Local().Format("2006-01-02 15:04")
	}
	return t.Format(time.RFC3339)
}

// wrapped breaks a line between words where it is wider than the terminal.
func (s Style) wrapped(line string) string {
	if s.Width == 0 || columnsOf(line) <= s.Width {
		return line
	}
	var b strings.Builder
	used := 0
	for i, word := range strings.Split(line, " ") {
		width := columnsOf(word)
		switch {
		case i == 0:
		case used+1+width > s.Width:
			b.WriteString("\n")
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += width
	}
	return b.String()
}

// ageBelow is the width of a terminal that has no room for moments.
const ageBelow = 120

// age returns how long ago a moment was, in its largest unit.
func age(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	d := max(0, time.Since(t))
	switch day := 24 * time.Hour; {
	case d >= day:
		return fmt.Sprintf("%dd", d/day)
	case d >= time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// cell makes text from elsewhere fit into one line of a table; nothing is shown as a dash.
func cell(text string) string {
	if text == "" {
		return "-"
	}
	return strings.ReplaceAll(strings.ReplaceAll(term.Sanitize(text), "\n", " "), "\t", " ")
}
