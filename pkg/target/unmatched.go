package target

import (
	"fmt"
	"strings"
)

// Unmatched is a part of a selector that matches nothing: it names an instance, a tag or a value that does not exist.
type Unmatched struct {
	From  string   // the flag
	Text  string   // the part, as it was typed; of a set, the names of it that do not exist
	What  string   // such as "there is no instance named"
	Where string   // where it was looked for: the regions, or what the selector chose from
	Word  string   // the word of it to compare with Known
	Known []string // what exists in its place, for a guess at what was meant
	Warn  bool     // it is worth a warning only
	Blind bool     // the service lists no instance at all, perhaps for want of a permission
	ID    bool     // it is an instance's id

	condition *Condition // nil of a term
	group     bool       // it is a group, which is like no instance
}

// shownColumns bounds the names in an error.
const shownColumns = 100

func shorten(text string) string {
	if runes := []rune(text); len(runes) > shownColumns {
		return string(runes[:shownColumns]) + "…"
	}
	return text
}

func (u Unmatched) Error() string {
	text := fmt.Sprintf("%s %s: %s in %s", u.From, u.Text, u.What, u.Where)
	if u.Blind {
		text += ", which lists no instance at all: is it the right region, and may these credentials list instances (ecs:DescribeInstances)?"
	}
	return text
}

// UnmatchedError reports that parts of a selector match nothing, so that nothing was sent.
type UnmatchedError struct{ All []Unmatched }

func (e *UnmatchedError) Error() string {
	texts := make([]string, len(e.All))
	for i, u := range e.All {
		texts[i] = u.Error()
	}
	return strings.Join(texts, "; ")
}

// NobodyError reports that no instance is left, although every part of the selector matches some.
type NobodyError struct{ Reason string }

func (e *NobodyError) Error() string { return e.Reason }

// Err is the error of a selection that must not be acted on: *UnmatchedError where a part matches nothing, *NobodyError where
// nobody is left, or nil.
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
		return &NobodyError{f.Nobody}
	}
	return nil
}

// Missing returns the error of the terms that name instances of which there are none, an *UnmatchedError, or nil. Exclusions,
// tags and attributes do not count.
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

// where is where instances were looked for.
func (sw *sweep) where() string {
	if sw.given != nil {
		return fmt.Sprintf("the %d instances that it is chosen from", len(sw.given))
	}
	var regions []string
	for _, place := range sw.r.Places {
		regions = append(regions, place.String())
	}
	if sw.s.Managed {
		regions[0] = "the managed instances of " + regions[0]
	}
	if most := 3; len(regions) > most {
		return fmt.Sprintf("%s and %d more regions", strings.Join(regions[:most], ", "), len(regions)-most)
	}
	return strings.Join(regions, ", ")
}

// nobody says why no instance is left.
func (sw *sweep) nobody() string {
	var narrowing []string
	for _, c := range sw.s.Conditions {
		narrowing = append(narrowing, c.From+" "+c.Text)
	}
	for _, where := range sw.s.Wheres {
		narrowing = append(narrowing, where.From+" '"+where.Text+"'")
	}
	if sw.s.Managed {
		narrowing = append(narrowing, "--managed")
	}
	switch {
	case len(sw.picked) > 0:
		return fmt.Sprintf("nobody is left: none of the %d instances meets %s", len(sw.picked), strings.Join(narrowing, " and "))
	case sw.narrowed > 0 && len(sw.s.Exclude) > 0:
		return fmt.Sprintf("nobody is left: --exclude takes away all %d instances", sw.narrowed)
	case len(narrowing) > 0 && sw.base != nil:
		return fmt.Sprintf("nobody is left: none of the %d instances meets %s", sw.named, strings.Join(narrowing, " and "))
	case len(narrowing) > 0:
		return fmt.Sprintf("no instance in %s meets %s", sw.where(), strings.Join(narrowing, " and "))
	}
	return fmt.Sprintf("there is no instance in %s, or these credentials may not list instances (ecs:DescribeInstances)", sw.where())
}
