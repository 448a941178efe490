package target

import (
	"slices"
	"strings"

	"muster/pkg/assist"
)

// UnknownFlagError reports a flag that does not choose instances, such as one that a group has in the settings.
type UnknownFlagError struct {
	Flag, From string
	Known      []string
}

func (e *UnknownFlagError) Error() string {
	return e.From + " does not choose instances"
}

// Flags returns the names of the flags that [Selector.Add] reads.
func Flags() []string {
	flags := []string{"instance", "exclude", "tag", "where"}
	for _, attribute := range Attributes() {
		flags = append(flags, attribute.Flag)
	}
	return flags
}

// Add reads one value of a flag into the selector.
func (s *Selector) Add(flag string, words Words) error {
	switch flag {
	case "instance":
		terms, err := ParseTerms(words)
		s.Terms = append(s.Terms, terms...)
		return err
	case "exclude":
		terms, err := ParseTerms(words)
		s.Exclude = append(s.Exclude, terms...)
		return err
	case "tag":
		conditions, err := ParseTags(words)
		s.Conditions = append(s.Conditions, conditions...)
		return err
	case "where":
		if strings.TrimSpace(words.Text) == "" {
			return &EmptyError{words.From}
		}
		where, err := ParseWhere(words)
		s.Wheres = append(s.Wheres, where)
		return err
	case "name":
		condition, err := parseName(words)
		s.Conditions = append(s.Conditions, condition)
		return err
	}
	attributes := Attributes()
	at := slices.IndexFunc(attributes, func(a Attribute) bool { return a.Flag == flag })
	if at < 0 {
		return &UnknownFlagError{Flag: flag, From: words.From, Known: Flags()}
	}
	condition, err := attributes[at].parse(words)
	s.Conditions = append(s.Conditions, condition)
	return err
}

// parseName reads the names of --name. Unlike terms, they narrow a selection.
func parseName(words Words) (Condition, error) {
	name := Attribute{get: func(r *Record) string { return r.InstanceName }}
	condition, err := name.parse(words)
	if fields, _ := words.split(); err == nil && len(fields) == 1 {
		word, _ := words.parse(fields[0])
		condition.present = func(r *assist.DescribeInstancesRequest) { r.InstanceName = word.Wildcard() }
	}
	return condition, err
}
