package render

import (
	"hash/maphash"
	"strings"

	"muster/pkg/fleet"
)

// unlike finds groups that look alike on the screen, and says what their outputs differ in.
type unlike struct {
	seed  maphash.Seed
	shown map[look]lookalike
}

// look is what of a group is on the screen, but for the names of its instances.
type look struct {
	cause   fleet.Cause
	exit    int64
	dropped int64
	text    uint64 // a hash
}

type lookalike struct {
	title string
	ends  lineEnds
}

// lineEnds are the ends of an output's lines.
type lineEnds struct {
	crlf     bool // some are CRLF
	complete bool // the last line has one
}

func lineEndsOf(output fleet.Output) lineEnds {
	return lineEnds{crlf: strings.Contains(string(output), "\r\n"), complete: strings.HasSuffix(string(output), "\n")}
}

func newUnlike() *unlike { return &unlike{maphash.MakeSeed(), map[look]lookalike{}} }

// note returns what an output differs in from the first one that is shown as the same text; empty if there is none.
func (u *unlike) note(e end, title, text string, output fleet.Output) string {
	key := look{e.cause, e.exit, e.dropped, maphash.String(u.seed, text)}
	first, ok := u.shown[key]
	ends := lineEndsOf(output)
	if !ok {
		u.shown[key] = lookalike{title, ends}
		return ""
	}
	var differ []string
	switch {
	case ends.crlf && !first.ends.crlf:
		differ = append(differ, "CRLF line ends")
	case !ends.crlf && first.ends.crlf:
		differ = append(differ, "LF line ends")
	}
	switch {
	case !ends.complete && first.ends.complete:
		differ = append(differ, "no newline at the end")
	case ends.complete && !first.ends.complete:
		differ = append(differ, "a newline at the end")
	}
	if len(differ) == 0 {
		differ = append(differ, "other characters that look the same here")
	}
	return "unlike " + first.title + ": " + strings.Join(differ, ", ")
}
