package render

import (
	"hash/maphash"
	"strings"

	"muster/pkg/fleet"
)

// unlike finds groups that look alike on the screen, and says what their outputs differ in. It keeps little of each: there
// may be as many groups as instances.
type unlike struct {
	seed  maphash.Seed
	shown map[uint64]lookalike // by a hash of what is on the screen
}

// lookalike is the first group that looks in some way.
type lookalike struct {
	group int32
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

func newUnlike() *unlike { return &unlike{maphash.MakeSeed(), map[uint64]lookalike{}} }

// look returns a hash of what the screen shows of a group, except the names of its instances.
func (u *unlike) look(e end, text string) uint64 {
	return maphash.Comparable(u.seed, struct {
		cause         fleet.Cause
		exit, dropped int64
		text          uint64
	}{e.cause, e.exit, e.dropped, maphash.String(u.seed, text)})
}

// note returns what an output differs in from that of the first group which is shown as the same text, whose title it asks for.
// It is empty if there is none.
func (u *unlike) note(e end, group int, text string, output fleet.Output, title func(group int) string) string {
	key, ends := u.look(e, text), lineEndsOf(output)
	first, ok := u.shown[key]
	if !ok {
		u.shown[key] = lookalike{int32(group), ends}
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
	return "unlike " + title(int(first.group)) + ": " + strings.Join(differ, ", ")
}
