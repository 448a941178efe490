package render

import (
	"fmt"
	"iter"
	"regexp"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/diff"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// Grouping describes which outputs a table shows together, and how.
type Grouping struct {
	By   GroupBy // exact when empty
	Diff bool    // show the other groups' differences from the largest group instead of their outputs
	Raw  bool    // write control characters unchanged
}

// GroupBy is the rule that groups outputs.
type GroupBy string

// The ways to group.
const (
	GroupExact      GroupBy = "exact"      // every byte
	GroupNormalized GroupBy = "normalized" // everything except ids, addresses, times and line ends
	GroupNone       GroupBy = "none"       // each instance is shown by itself
)

// GroupBys returns the names of all ways to group.
func GroupBys() []string {
	return []string{string(GroupExact), string(GroupNormalized), string(GroupNone)}
}

// masks are patterns of text that differs between instances without a meaning, and its replacement. They are tried in this
// order at every offset.
var masks = []struct {
	mask    string
	pattern string
}{
	{"<time>", `\d{4}[-/]\d{2}[-/]\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?`},
	{"<time>", `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2},? (?:\d{4} )?\d{2}:\d{2}:\d{2}(?: [A-Z]{2,5})?(?: \d{4})?`},
	{"<time>", `\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b`},
	{"<id>", `\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`},
	{"<address>", `\b(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}\b`},
	{"<address>", `\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b`},
	{"<address>", `\b[0-9a-fA-F]{3,4}:(?:[0-9a-fA-F]{0,4}:)+[0-9a-fA-F]{0,4}`},
	{"<id>", `\b(?:i|mi|eni|d|vpc|vsw|sg|t|c|f)-[0-9a-z]{6,}\b`},
	{"<id>", `\b0x[0-9a-fA-F]{6,}\b|\b(?:[0-9]+[a-f]|[a-f]+[0-9])[0-9a-f]{6,}\b`},
}

var masked = sync.OnceValue(func() *regexp.Regexp {
	var parts []string
	for _, m := range masks {
		parts = append(parts, "("+m.pattern+")")
	}
	return regexp.MustCompile(strings.Join(parts, "|"))
})

// normalize masks an output, and the name of the instance that it comes from. It replaces CRLF by LF, and removes the newline
// at the end.
func normalize(text, name string) string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(name) > 2 {
		text = strings.ReplaceAll(text, name, "<name>")
	}
	var b strings.Builder
	last := 0
	for _, match := range masked().FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[last:match[0]])
		for i, m := range masks {
			if match[2+2*i] >= 0 {
				b.WriteString(m.mask)
				break
			}
		}
		last = match[1]
	}
	b.WriteString(text[last:])
	return b.String()
}

// normalized returns outcomes with masked outputs. Each output is read once to be grouped and once to be shown.
func (e outcomes) normalized(numbers iter.Seq[int32]) (outcomes, error) {
	keys := map[int32]fleet.OutputKey{}
	from := maskedOutputs{e.outputs, map[fleet.OutputKey]source{}}
	for n := range numbers {
		key := e.of(n).output
		text, err := readOutput(e.outputs, key)
		if err != nil {
			return e, fmt.Errorf("the output of %s: %w", e.name(n), err)
		}
		keys[n] = fleet.Output(normalize(string(text), e.called(n))).Key()
		if _, ok := from.sources[keys[n]]; !ok {
			from.sources[keys[n]] = source{key, e.called(n)}
		}
	}
	of := e.of
	e.of = func(n int32) outcome {
		end := of(n)
		end.output = keys[n]
		return end
	}
	e.outputs = from
	return e, nil
}

// maskedOutputs returns masked outputs by the keys of their masked texts.
type maskedOutputs struct {
	outputs fleet.Outputs
	sources map[fleet.OutputKey]source
}

type source struct {
	key  fleet.OutputKey
	name string
}

// Output returns a masked output.
func (m maskedOutputs) Output(key fleet.OutputKey) (fleet.Output, error) {
	from := m.sources[key]
	text, err := readOutput(m.outputs, from.key)
	return fleet.Output(normalize(string(text), from.name)), err
}

// alone returns each instance as a group of its own, in the given order.
func (e outcomes) alone(numbers iter.Seq[int32]) [][]int32 {
	var groups [][]int32
	for n := range numbers {
		if e.of(n).shows() {
			groups = append(groups, []int32{n})
		}
	}
	return groups
}

// largest returns the index of the largest group, the last one of several.
func largest(groups [][]int32) int {
	at := 0
	for i, group := range groups {
		if len(group) >= len(groups[at]) {
			at = i
		}
	}
	return at
}

// difference returns a unified diff of two texts, as diff -u prints it, with CRs as ^M. It is empty if they are equal.
func difference(oldName, newName string, old, new fleet.Output) string {
	shown := func(output fleet.Output) []byte { return []byte(strings.ReplaceAll(string(output), "\r", "^M")) }
	text := string(diff.Diff(oldName, shown(old), newName, shown(new)))
	_, text, _ = strings.Cut(text, "\n") // without the line that names the command
	return text
}

// clean makes text from an instance safe to show, unless raw text is wanted.
func (s Style) clean(text string) string {
	if s.Grouping.Raw {
		return text
	}
	return term.Sanitize(text)
}
