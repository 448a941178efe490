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
	"muster/pkg/levenshtein"
)

// lineError is an error with its line in a file.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// withLine adds the line of a node to an error. It returns nil for nil.
func withLine(n *yaml.Node, err error) error {
	if err == nil {
		return nil
	}
	return &lineError{n.Line, err}
}

// errorAt returns an error with the line of a node.
func errorAt(n *yaml.Node, format string, args ...any) error {
	return withLine(n, fmt.Errorf(format, args...))
}

// withKey adds the key whose value is wrong to an error.
func withKey(key *yaml.Node, err error) error {
	if inner, ok := err.(*lineError); ok { //nolint:errorlint // only this package's own, unwrapped
		return &lineError{inner.line, fmt.Errorf("%s: %w", key.Value, inner.err)}
	}
	return errorAt(key, "%s: %w", key.Value, err)
}

// readMap passes each value to the reader of its key. Unknown and duplicate keys are errors.
func readMap(n *yaml.Node, readers map[string]func(*yaml.Node) error) error {
	known := func() string { return strings.Join(keysOf(readers), ", ") }
	if n = dereference(n); n.Kind != yaml.MappingNode {
		return errorAt(n, "want a map with the keys %s", known())
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read := readers[key.Value]
		switch {
		case read == nil:
			if near := didYouMean(key.Value, keysOf(readers)); near != "" {
				return errorAt(key, "unknown key %q%s", key.Value, near)
			}
			return errorAt(key, "unknown key %q: want %s", key.Value, known())
		case seen[key.Value]:
			return errorAt(key, "duplicate key %q", key.Value)
		}
		seen[key.Value] = true
		if err := read(value); err != nil {
			return withKey(key, err)
		}
	}
	return nil
}

func readList(n *yaml.Node, read func(*yaml.Node) error) error {
	if n = dereference(n); n.Kind != yaml.SequenceNode {
		return errorAt(n, "want a list")
	}
	for _, item := range n.Content {
		if err := read(item); err != nil {
			return err
		}
	}
	return nil
}

// dereference returns the node that an alias refers to, or n itself.
func dereference(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// readText returns the text of any scalar, so that 2.2 and true need no quotes.
func readText(n *yaml.Node) (string, error) {
	if n = dereference(n); n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", errorAt(n, "want a single value")
	}
	return n.Value, nil
}

func readWord(n *yaml.Node, allowed func(string) bool, want string) (string, error) {
	text, err := readText(n)
	if err == nil && !allowed(text) {
		err = errorAt(n, "%q: want %s", text, want)
	}
	return text, err
}

func readOneOf(n *yaml.Node, words ...string) (string, error) {
	text, err := readText(n)
	if err != nil || slices.Contains(words, text) {
		return text, err
	}
	if near := didYouMean(text, words); near != "" {
		return text, errorAt(n, "%q%s", text, near)
	}
	return text, errorAt(n, "%q: want %s", text, strings.Join(words, " or "))
}

func readNumber(n *yaml.Node, lowest, highest int) (int, error) {
	text, err := readText(n)
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < lowest || number > highest {
		return 0, errorAt(n, "%q: want a number from %d to %d", text, lowest, highest)
	}
	return number, nil
}

func readDuration(n *yaml.Node, longest time.Duration) (time.Duration, error) {
	text, err := readText(n)
	if err != nil {
		return 0, err
	}
	d, err := duration.Parse(text)
	if err != nil || d > longest {
		return 0, errorAt(n, "%q: want a duration such as 20ms, at most %s", text, duration.Format(longest))
	}
	return d, nil
}

// didYouMean returns ": did you mean WORD?" for a word that is probably misspelled, or an empty string.
func didYouMean(text string, words []string) string {
	best, least := "", 1+len(text)/4
	for _, word := range words {
		if d := levenshtein.Distance(strings.ToLower(text), strings.ToLower(word)); d < least || d == least && best == "" {
			best, least = word, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
