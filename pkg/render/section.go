package render

import (
	"fmt"
	"io"
	"strings"

	"muster/pkg/fleet"
)

// section is the part of a table for a group: its heading, its output, and remarks on it.
type section struct {
	outcome
	names     []string
	instances int    // the number of distinct ones
	has       bool   // there is an output
	text      string // the output, made safe to show, without the newline at its end
	notes     []string
}

// title returns the heading.
func (s section) title(style Style) string {
	after := ""
	if s.instances > 1 {
		after = fmt.Sprintf(" (%d instances)", s.instances)
	}
	switch s.cause {
	case fleet.CauseSuccess:
	case "":
		after += ": running"
	case fleet.CauseExit:
		after += ": " + paintCause(style, s.cause, fmt.Sprintf("exit %d", s.exit))
	default:
		after += ": " + paintCause(style, s.cause, string(s.cause))
	}
	return style.heading(s.names, columnsOf("==>  <==")+columnsOf(after)) + after
}

// remarks returns remarks on the output.
func (s section) remarks() []string {
	var remarks []string
	if s.missing != "" {
		remarks = append(remarks, "output unknown: "+cell(s.missing))
	}
	if s.dropped > 0 {
		remarks = append(remarks, fmt.Sprintf("%d bytes were dropped: an instance keeps 24 KB", s.dropped))
	}
	return append(remarks, s.notes...)
}

// empty reports whether the output is known to be empty.
func (s section) empty() bool { return s.missing == "" && !s.seen && !s.has }

func (s section) write(w io.Writer, style Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s\n", style.Paint.Dim("==>"), style.Paint.Bold(s.title(style)), style.Paint.Dim("<=="))
	if s.empty() {
		b.WriteString(style.Paint.Dim("(no output)") + "\n")
	}
	for _, remark := range s.remarks() {
		b.WriteString(style.Paint.Warn("("+remark+")") + "\n")
	}
	pieces := []string{b.String()}
	if s.has {
		pieces = append(pieces, s.text, "\n")
	}
	for _, piece := range pieces {
		if _, err := io.WriteString(w, piece); err != nil {
			return err
		}
	}
	return nil
}
