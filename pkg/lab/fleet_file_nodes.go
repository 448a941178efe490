package lab

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/duration"
)

// lineError is an error with its place in a file.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// at gives an error the place of a node; nil stays nil.
func at(n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return &lineError{n.Line, err}
}

func wrong(n *yaml.Node, format string, args ...any) error { return at(n, fmt.Errorf(format, args...)) }

// readMap hands each value to the reader of its key, and refuses keys that have none or come twice.
func readMap(n *yaml.Node, readers map[string]func(*yaml.Node) error) error {
	if n = target(n); n.Kind != yaml.MappingNode {
		return wrong(n, "want keys and values: %s", strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := readers[key.Value]
		switch {
		case !known:
			return wrong(key, "there is no key %q: want %s", key.Value, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
		case seen[key.Value]:
			return wrong(key, "the key %q is there twice", key.Value)
		}
		seen[key.Value] = true
		if err := read(value); err != nil {
			return inKey(key, err)
		}
	}
	return nil
}

// inKey says which key's value an error is about.
func inKey(key *yaml.Node, err error) error {
	if inner, ok := err.(*lineError); ok { //nolint:errorlint // only this package's own, unwrapped
		return &lineError{inner.line, fmt.Errorf("%s: %w", key.Value, inner.err)}
	}
	return wrong(key, "%s: %w", key.Value, err)
}

func readList(n *yaml.Node, read func(*yaml.Node) error) error {
	if n = target(n); n.Kind != yaml.SequenceNode {
		return wrong(n, "want a list")
	}
	for _, item := range n.Content {
		if err := read(item); err != nil {
			return err
		}
	}
	return nil
}

// target is what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// readText takes any scalar as it is written, so that 2.2 and true need no quotes.
func readText(n *yaml.Node) (string, error) {
	if n = target(n); n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", wrong(n, "want a single value")
	}
	return n.Value, nil
}

func readWord(n *yaml.Node, allowed func(string) bool, want string) (string, error) {
	text, err := readText(n)
	if err == nil && !allowed(text) {
		err = wrong(n, "%q: want %s", text, want)
	}
	return text, err
}

func readOneOf(n *yaml.Node, words ...string) (string, error) {
	return readWord(n, func(text string) bool { return slices.Contains(words, text) }, strings.Join(words, " or "))
}

func readNumber(n *yaml.Node, least, most int) (int, error) {
	text, err := readText(n)
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < least || number > most {
		return 0, wrong(n, "%q: want a number from %d to %d", text, least, most)
	}
	return number, nil
}

func readDuration(n *yaml.Node, most time.Duration) (time.Duration, error) {
	text, err := readText(n)
	if err != nil {
		return 0, err
	}
	d, err := duration.Parse(text)
	if err != nil || d > most {
		return 0, wrong(n, "%q: want a duration such as 20ms, at most %s", text, duration.Format(most))
	}
	return d, nil
}
