package report

import "muster/pkg/fleet"

// underWay is what a target without a cause is called.
const underWay = "under way"

// look is how a cause is shown: never by a colour alone.
type look struct {
	Name   string
	Mark   string // a shape of its own
	Family string // which colour: good, bad, late, lost, left or open
}

func looks() []look {
	marks := map[fleet.Cause][2]string{
		fleet.CauseSuccess: {"✓", "good"}, fleet.CauseExit: {"✗", "bad"}, fleet.CauseTimeout: {"◔", "late"},
		fleet.CauseUndelivered: {"▽", "lost"}, fleet.CauseInvalid: {"◇", "bad"}, fleet.CauseError: {"▲", "bad"},
		fleet.CauseCancelled: {"○", "left"}, fleet.CauseTerminated: {"■", "late"}, fleet.CauseRejected: {"◆", "lost"},
		fleet.CauseSkipped: {"–", "left"}, fleet.CauseUnsent: {"·", "left"}, fleet.CauseUnknown: {"?", "left"},
	}
	all := make([]look, 0, len(marks)+1)
	for _, cause := range fleet.Causes() {
		all = append(all, look{string(cause), marks[cause][0], marks[cause][1]})
	}
	return append(all, look{underWay, "…", "open"})
}

// lookAt is the place among the looks of a cause.
func lookAt(cause fleet.Cause) int {
	for i, known := range fleet.Causes() {
		if known == cause {
			return i
		}
	}
	return len(fleet.Causes())
}
