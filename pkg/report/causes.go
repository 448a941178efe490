package report

import (
	"strings"

	"muster/pkg/fleet"
)

// underWay is what a target without a cause is called.
const underWay = "under way"

// look is how a cause is shown: never by a colour alone. The colour of each class is defined once, in page.css.
type look struct {
	Name  string
	Mark  string // a shape of its own
	Class string // the name as a class of the page
	Kind  kind
}

// kind is what causes have in common. Success, failures and what came to no end differ in lightness or shape, not only in hue.
type kind int

const (
	kindSuccess kind = iota
	kindFailure
	kindLeft // skipped, unsent or unknown: drawn at half the height
	kindOpen
)

// Left reports whether the target came to no end of its own.
func (l look) Left() bool { return l.Kind == kindLeft || l.Kind == kindOpen }

func looks() []look {
	known := map[fleet.Cause]look{
		fleet.CauseSuccess: {Mark: "✓", Kind: kindSuccess}, fleet.CauseExit: {Mark: "✗", Kind: kindFailure},
		fleet.CauseTimeout: {Mark: "◔", Kind: kindFailure}, fleet.CauseUndelivered: {Mark: "▽", Kind: kindFailure},
		fleet.CauseInvalid: {Mark: "◇", Kind: kindFailure}, fleet.CauseError: {Mark: "▲", Kind: kindFailure},
		fleet.CauseCancelled: {Mark: "○", Kind: kindFailure}, fleet.CauseTerminated: {Mark: "■", Kind: kindFailure},
		fleet.CauseRejected: {Mark: "◆", Kind: kindFailure}, fleet.CauseSkipped: {Mark: "–", Kind: kindLeft},
		fleet.CauseUnsent: {Mark: "·", Kind: kindLeft}, fleet.CauseUnknown: {Mark: "?", Kind: kindLeft},
	}
	all := make([]look, 0, len(known)+1)
	for _, cause := range fleet.Causes() {
		l := known[cause]
		l.Name, l.Class = string(cause), string(cause)
		all = append(all, l)
	}
	return append(all, look{underWay, "…", strings.ReplaceAll(underWay, " ", "-"), kindOpen})
}

// lookAt returns the index of a cause's look.
func lookAt(cause fleet.Cause) int {
	for i, known := range fleet.Causes() {
		if known == cause {
			return i
		}
	}
	return len(fleet.Causes())
}
