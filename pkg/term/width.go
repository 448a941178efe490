package term

import (
	"os"
	"strconv"

	"golang.org/x/term"
)

const (
	defaultWidth  = 80
	defaultHeight = 24
)

// Width returns the columns that standard output has now: COLUMNS if it is set, else the terminal's own answer, else
// 80. Without a terminal it is 0, which stands for no limit: what goes into a pipe or a file is not cut or wrapped.
func (s *Streams) Width() int { return s.width(s.Out) }

// ErrWidth is Width for standard error.
func (s *Streams) ErrWidth() int { return s.width(s.Err) }

func (s *Streams) width(stream any) int {
	f := terminal(stream)
	if f == nil {
		return 0
	}
	if columns := s.columns(); columns > 0 {
		return columns
	}
	if columns := size(f); columns > 0 {
		return columns
	}
	return defaultWidth
}

// Height returns the rows that standard output has now: LINES if it is set, else the terminal's own answer, else 24. Without a
// terminal it is 0.
func (s *Streams) Height() int { return s.height(s.Out) }

// ErrHeight is Height for standard error.
func (s *Streams) ErrHeight() int { return s.height(s.Err) }

func (s *Streams) height(stream any) int {
	f := terminal(stream)
	if f == nil {
		return 0
	}
	if lines, err := strconv.Atoi(s.env("LINES")); err == nil && lines > 0 {
		return lines
	}
	if _, rows, err := term.GetSize(int(f.Fd())); err == nil && rows > 0 {
		return rows
	}
	return defaultHeight
}

// drawWidth is the width that the progress line on f must keep to. Here the terminal's own answer comes first, since
// a COLUMNS from before a resize would let the line wrap.
func (s *Streams) drawWidth(f *os.File) int {
	if columns := size(f); columns > 0 {
		return columns
	}
	if columns := s.columns(); columns > 0 {
		return columns
	}
	return defaultWidth
}

func (s *Streams) columns() int {
	columns, err := strconv.Atoi(s.env("COLUMNS"))
	if err != nil {
		return 0
	}
	return columns
}

func size(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
