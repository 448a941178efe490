package render

import (
	"hash/maphash"
	"strings"

	"muster/pkg/fleet"
)

// lookalikes finds groups that look alike on the screen, and describes how their outputs differ. It stores little of each,
// because there may be as many groups as instances.
type lookalikes struct {
	seed  maphash.Seed
	shown map[uint64]lookalike // by a hash of what the screen shows
}

// lookalike is the first group with some appearance.
type lookalike struct {
	group int32
	ends  lineEnds
}

// lineEnds describes the ends of an output's lines.
type lineEnds struct {
	crlf     bool // some are CRLF
	complete bool // the last line has an end
}

func lineEndsOf(output fleet.Output) lineEnds {
	return lineEnds{crlf: strings.Contains(string(output), "\r\n"), complete: strings.HasSuffix(string(output), "\n")}
}

func newLookalikes() *lookalikes { return &lookalikes{maphash.MakeSeed(), map[uint64]lookalike{}} }

// look returns a hash of what the screen shows of a group, except the names of its instances.
func (u *lookalikes) look(e outcome, text string) uint64 {
	return maphash.Comparable(u.seed, struct {
		cause         fleet.Cause
		exit, dropped int64
		text          uint64
	}{e.cause, e.exit, e.dropped, maphash.String(u.seed, text)})
}

// note describes how an output differs from that of the first group that is shown as the same text, whose title it requests. It
// is empty if there is none.
func (u *lookalikes) note(e outcome, group int, text string, output fleet.Output, title func(group int) string) string {
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
