package term

import "strings"

// Painter colours text by its meaning. The zero value leaves text unchanged.
type Painter struct {
	on bool
}

// Good paints a success.
func (p Painter) Good(text string) string { return p.paint("32", text) }

// Bad paints a failure.
func (p Painter) Bad(text string) string { return p.paint("31", text) }

// Warn paints a warning.
func (p Painter) Warn(text string) string { return p.paint("33", text) }

// Dim paints less important text.
func (p Painter) Dim(text string) string { return p.paint("2", text) }

// Bold paints more important text.
func (p Painter) Bold(text string) string { return p.paint("1", text) }

// Name paints the nth of several names that are shown together, in a colour that has no other meaning.
func (p Painter) Name(text string, n int) string {
	colours := [...]string{"36", "35", "34", "96", "95", "94"}
	return p.paint(colours[n%len(colours)], text)
}

const (
	beginColour = "\x1b["
	endColour   = "\x1b[0m"
)

func (p Painter) paint(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return beginColour + code + "m" + text + endColour
}

// CutColour splits a text that a [Painter] may have painted into the start of the colour, the text itself and the end of the
// colour. The first and the last are empty if it is not painted.
func CutColour(painted string) (begin, text, end string) {
	rest, ok := strings.CutPrefix(painted, beginColour)
	code, rest, found := strings.Cut(rest, "m")
	text, closed := strings.CutSuffix(rest, endColour)
	if !ok || !found || !closed || len(code) > 2 || strings.Trim(code, "0123456789") != "" {
		return "", painted, ""
	}
	return beginColour + code + "m", text, endColour
}

// OutPainter returns a painter for standard output.
func (s *Streams) OutPainter() Painter { return Painter{s.OutColour()} }

// ErrPainter returns a painter for standard error.
func (s *Streams) ErrPainter() Painter { return Painter{s.ErrColour()} }

// OutColour reports whether standard output may be coloured.
func (s *Streams) OutColour() bool { return s.colour(s.Out) }

// ErrColour reports whether standard error may be coloured.
func (s *Streams) ErrColour() bool { return s.colour(s.Err) }

// colour follows https://no-color.org and https://bixense.com/clicolors; the former takes precedence.
func (s *Streams) colour(stream any) bool {
	if s.NoColor || s.env("NO_COLOR") != "" {
		return false
	}
	if force := s.env("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return s.supportsEscapes(stream)
}
