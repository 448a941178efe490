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

// Width returns the current number of columns of standard output: COLUMNS if it is set, otherwise the terminal's width,
// otherwise 80. Without a terminal it is 0, which means no limit: output to a pipe or a file is neither truncated nor wrapped.
func (s *Streams) Width() int { return s.width(s.Out) }

// ErrWidth is [Streams.Width] for standard error.
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

// Height returns the current number of rows of standard output: LINES if it is set, otherwise the terminal's height, otherwise
// 24. Without a terminal it is 0.
func (s *Streams) Height() int { return s.height(s.Out) }

// ErrHeight is [Streams.Height] for standard error.
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

// drawWidth returns the width for the progress lines on f. The terminal's width takes precedence over COLUMNS, which may be
// outdated after a resize, so that the line would wrap.
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
