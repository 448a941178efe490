package target

import (
	"fmt"
	"strings"
)

// Unmatched is a part of a selector that matches nothing: it names an instance, a tag or a value that does not exist.
type Unmatched struct {
	From          string   // the flag
	Text          string   // the part as typed; for a set, those of its names that do not exist
	What          string   // such as "no instance has this name"
	Where         string   // what was searched: the regions, or the instances to choose from
	Word          string   // the word to compare with Known
	Known         []string // what exists in its place, for suggestions
	Warn          bool     // it deserves only a warning
	NothingListed bool     // the service lists no instance at all, perhaps because a permission is missing
	ID            bool     // it is an instance id

	condition *Condition // nil for a term
	items     []*item    // the parts of a term that match nothing; nil for a condition
	other     otherKind
	group     bool // it is a group, for which there are no suggestions
}

// shownColumns is the largest width of the names in an error.
const shownColumns = 100

func shorten(text string) string {
	if runes := []rune(text); len(runes) > shownColumns {
		return string(runes[:shownColumns]) + "…"
	}
	return text
}

func (u Unmatched) Error() string {
	text := fmt.Sprintf("%s %s: %s in %s", u.From, u.Text, u.What, u.Where)
	if u.NothingListed {
		text += ", which lists no instance at all: is it the right region, and may these credentials list instances (ecs:DescribeInstances)?"
	}
	if u.other.matches > 0 {
		text += "; " + u.other.String()
	}
	return text
}

// UnmatchedError reports that parts of a selector match nothing. Nothing was sent.
type UnmatchedError struct{ All []Unmatched }

func (e *UnmatchedError) Error() string {
	texts := make([]string, len(e.All))
	for i, u := range e.All {
		texts[i] = u.Error()
	}
	return strings.Join(texts, "; ")
}

// NoInstancesError reports that no instance is left, although every part of the selector matches some.
type NoInstancesError struct{ Reason string }

func (e *NoInstancesError) Error() string { return e.Reason }

// Err returns the error of a selection that must not be acted on: *[UnmatchedError] if a part matches nothing, *[NoInstancesError]
// if no instance is left, or nil.
func (f *Found) Err() error {
	var serious []Unmatched
	for _, u := range f.Unmatched {
		if !u.Warn {
			serious = append(serious, u)
		}
	}
	switch {
	case len(serious) > 0:
		return &UnmatchedError{serious}
	case len(f.Instances) == 0:
		return &NoInstancesError{f.NoInstances}
	}
	return nil
}

// Missing returns an *[UnmatchedError] for the terms that name instances that do not exist, or nil. Exclusions, tags and
// attributes do not count.
func (f *Found) Missing() error {
	var missing []Unmatched
	for _, u := range f.Unmatched {
		if !u.Warn && u.condition == nil && u.From != "--exclude" {
			missing = append(missing, u)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &UnmatchedError{missing}
}

// IDs returns the ids of the instances.
func (f *Found) IDs() []string {
	ids := make([]string, len(f.Instances))
	for i := range f.Instances {
		ids[i] = f.Instances[i].InstanceId
	}
	return ids
}
