package term

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the three standard streams and the user's preferences for them. Set the fields before the first use. A stream is
// a terminal if it is an *os.File that is one: a stream that was replaced by a buffer is not.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	// NoColor disables colours, as --no-color does.
	NoColor bool
	// NoProgress prevents [Progress] from drawing, as --quiet does.
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

// unattended reports whether the process is a job of a CI system, which may have a terminal without a user. Such systems set
// CI.
func (s *Streams) unattended() bool {
	ci := s.env("CI")
	return ci != "" && ci != "0" && ci != "false"
}

// InIsTerminal reports whether standard input is a terminal.
func (s *Streams) InIsTerminal() bool { return terminal(s.In) != nil }

// OutIsTerminal reports whether standard output is a terminal.
func (s *Streams) OutIsTerminal() bool { return terminal(s.Out) != nil }

// ErrIsTerminal reports whether standard error is a terminal.
func (s *Streams) ErrIsTerminal() bool { return terminal(s.Err) != nil }

// terminal returns the file of a stream that is a terminal, and nil otherwise.
func terminal(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || f == nil || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

// supportsEscapes reports whether a stream is a terminal that supports escape sequences.
func (s *Streams) supportsEscapes(stream any) bool {
	f := terminal(stream)
	return f != nil && s.env("TERM") != "dumb" && enableEscapes(f)
}
