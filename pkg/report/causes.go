package report

import (
	"strings"

	"muster/pkg/fleet"
)

// underWay is the name of the state of a target without a cause.
const underWay = "under way"

// appearance is the display of a cause, which is never only a colour. The colour of each class is defined in page.css.
type appearance struct {
	Name  string
	Mark  string // a unique shape
	Class string // the name as a CSS class
	Kind  kind
}

// kind is a category of causes. Success, failures and targets that did not end differ in lightness or shape, not only in hue.
type kind int

const (
	kindSuccess kind = iota
	kindFailure
	kindLeft // skipped, unsent or unknown: drawn at half the height
	kindOpen
)

// Left reports whether the target did not end by itself.
func (l appearance) Left() bool { return l.Kind == kindLeft || l.Kind == kindOpen }

func appearances() []appearance {
	known := map[fleet.Cause]appearance{
		fleet.CauseSuccess: {Mark: "✓", Kind: kindSuccess}, fleet.CauseExit: {Mark: "✗", Kind: kindFailure},
		fleet.CauseTimeout: {Mark: "◔", Kind: kindFailure}, fleet.CauseUndelivered: {Mark: "▽", Kind: kindFailure},
		fleet.CauseInvalid: {Mark: "◇", Kind: kindFailure}, fleet.CauseError: {Mark: "▲", Kind: kindFailure},
		fleet.CauseCancelled: {Mark: "○", Kind: kindFailure}, fleet.CauseTerminated: {Mark: "■", Kind: kindFailure},
		fleet.CauseRejected: {Mark: "◆", Kind: kindFailure}, fleet.CauseSkipped: {Mark: "–", Kind: kindLeft},
		fleet.CauseUnsent: {Mark: "·", Kind: kindLeft}, fleet.CauseUnknown: {Mark: "?", Kind: kindLeft},
	}
	all := make([]appearance, 0, len(known)+1)
	for _, cause := range fleet.Causes() {
		l := known[cause]
		l.Name, l.Class = string(cause), string(cause)
		all = append(all, l)
	}
	return append(all, appearance{underWay, "…", strings.ReplaceAll(underWay, " ", "-"), kindOpen})
}

// appearanceIndex returns the index of a cause's appearance.
func appearanceIndex(cause fleet.Cause) int {
	for i, known := range fleet.Causes() {
		if known == cause {
			return i
		}
	}
	return len(fleet.Causes())
}
