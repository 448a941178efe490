package term

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the three standard streams and what the user wants of them. Set the fields before the first use. A
// stream is a terminal if it is an *os.File that is one: a stream that was replaced by a buffer is not.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	// NoColor is --no-color.
	NoColor bool
	// NoProgress keeps Progress from drawing, as --quiet asks for.
	NoProgress bool

	getenv func(string) string
}

// System returns the streams of this process. A nil getenv is an empty environment.
func System(getenv func(string) string) *Streams {
	return New(os.Stdin, os.Stdout, os.Stderr, getenv)
}

// New returns streams of any kind, such as a test's buffers. A nil getenv is an empty environment.
func New(in io.Reader, out, err io.Writer, getenv func(string) string) *Streams {
	return &Streams{In: in, Out: out, Err: err, getenv: getenv}
}

func (s *Streams) env(name string) string {
	if s.getenv == nil {
		return ""
	}
	return s.getenv(name)
}

// unattended tells the job of a CI system, which may have a terminal that nobody sits at: such systems set CI.
func (s *Streams) unattended() bool {
	ci := s.env("CI")
	return ci != "" && ci != "0" && ci != "false"
}

// InIsTerminal tells whether standard input is a terminal.
func (s *Streams) InIsTerminal() bool { return terminal(s.In) != nil }

// OutIsTerminal tells whether standard output is a terminal.
func (s *Streams) OutIsTerminal() bool { return terminal(s.Out) != nil }

// ErrIsTerminal tells whether standard error is a terminal.
func (s *Streams) ErrIsTerminal() bool { return terminal(s.Err) != nil }

// terminal returns the file behind a stream that is a terminal, and otherwise nil.
func terminal(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || f == nil || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

// obeysEscapes tells whether the stream is a terminal that understands escape sequences.
func (s *Streams) obeysEscapes(stream any) bool {
	f := terminal(stream)
	return f != nil && s.env("TERM") != "dumb" && enableEscapes(f)
}
