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

// Style describes how a table looks.
type Style struct {
	Paint  term.Painter // paints nothing without colours
	Width  int          // the columns of the terminal; 0 without one
	Height int          // its rows; 0 without one
	Below  int          // the number of rows for lines after the document
	All    string       // the command that shows a row for each instance, if that is not the same one with -o wide

	Terminal bool // the output is a terminal

	Grouping Grouping
	MaxBytes int    // the largest size of Markdown and JUnit's XML; 0: what their readers accept
	Suite    string // the name of JUnit's suites; empty: a name by what the run does

	wide     bool      // all columns, not only the most important ones
	markdown *markdown // nil for a table
}

// room returns the number of columns for a line of names after a title. Without a terminal it is that of a long line in a log.
func (s Style) room(title string) int {
	const inLogs = 1000
	return max(1, cmp.Or(s.Width, inLogs)-displaywidth.String(title))
}

// headingColumns is the width of headings without a terminal, and leastHeading the columns for names in the narrowest one.
const (
	// headingColumns is the width of headings without a terminal, and leastHeading the least number of columns for names.
	headingColumns = 120
	leastHeading   = 20
)

// heading folds the names of a group for a line in which other text takes some columns.
func (s Style) heading(names []string, other int) string {
	return foldInto(names, max(leastHeading, cmp.Or(s.Width, headingColumns)-other))
}

// foldInto folds names into a number of columns. If not all fit, it omits those in the middle.
func foldInto(names []string, columns int) string {
	if len(names) == 0 {
		return ""
	}
	return cell(nodeset.Shorten(names, columns))
}

// formatTime formats a time, for people on a terminal and otherwise for programs.
func (s Style) formatTime(t time.Time) string {
	switch {
	case t.IsZero():
		return "-"
	case s.Width > 0:
		return t.Local().Format("2006-01-02 15:04")
	}
	return t.Format(time.RFC3339)
}

// wrapped breaks a line between words if it is wider than the terminal.
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

// ageBelow is the width below which a terminal has no room for times.
const ageBelow = 120

// age returns the time since t, in its largest unit.
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

// cell makes text from elsewhere fit into one line of a table; an empty text becomes a dash.
func cell(text string) string {
	if text == "" {
		return "-"
	}
	return term.SanitizeLine(text)
}
