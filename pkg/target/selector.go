package target

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"

	"muster/pkg/assist"
)

// Selector is who was asked for: the union of the instances that are named and those that bear all of the tags, without
// the excluded ones.
type Selector struct {
	InstanceIds []string
	Tags        []assist.TagFilter
	Exclude     []string // ids or names, in which * stands for anything
	All         bool     // every instance of the region
}

// Empty tells that nobody was asked for.
func (s Selector) Empty() bool {
	return len(s.InstanceIds) == 0 && len(s.Tags) == 0 && !s.All
}

// SyntaxError is a selector that cannot be read.
type SyntaxError struct {
	Text string // what was given
	Want string // what it should have been
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%q: want %s", e.Text, e.Want) }

// ParseTag reads key=value, or key for any value.
func ParseTag(text string) (assist.TagFilter, error) {
	key, value, hasValue := strings.Cut(text, "=")
	if strings.TrimSpace(key) == "" {
		return assist.TagFilter{}, &SyntaxError{Text: text, Want: "a tag as key=value, or key for any value"}
	}
	if !hasValue {
		return assist.TagFilter{Key: key}, nil
	}
	return assist.TagFilter{Key: key, Value: &value}, nil
}

// ParseIds reads instance ids that are separated by commas or white space.
func ParseIds(text string) ([]string, error) {
	ids := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' })
	for _, id := range ids {
		if !wellFormed(id) {
			return nil, &SyntaxError{Text: id, Want: "an instance id such as i-bp185dy2o3o6neg"}
		}
	}
	return ids, nil
}

// wellFormed takes i-… and mi-… (a managed instance).
func wellFormed(id string) bool {
	rest, ok := strings.CutPrefix(id, "i-")
	if !ok {
		rest, ok = strings.CutPrefix(id, "mi-")
	}
	const allowed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	return ok && rest != "" && strings.Trim(rest, allowed) == ""
}

// ReadIds reads instance ids, one or more a line. What follows a # is a comment. An error names the line, and name is
// what the input is called in it.
func ReadIds(r io.Reader, name string) ([]string, error) {
	var all []string
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		ids, err := ParseIds(strings.TrimPrefix(line, "\ufeff"))
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, number, err)
		}
		all = append(all, ids...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return all, nil
}

// excluded matches ids and names, with * for anything.
func (s Selector) excluded(i Instance) bool {
	for _, pattern := range s.Exclude {
		if match(pattern, i.InstanceId) || match(pattern, i.InstanceName) {
			return true
		}
	}
	return false
}

func match(pattern, text string) bool {
	ok, err := path.Match(pattern, text)
	return ok && err == nil || pattern == text
}
