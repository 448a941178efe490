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

// Grouping says which outputs a table shows together, and how.
type Grouping struct {
	By   GroupBy // exact when empty
	Diff bool    // what differs from the largest group is shown in place of the other groups' outputs
	Raw  bool    // control characters are obeyed by the terminal, not shown
}

// GroupBy is what outputs have to have in common.
type GroupBy string

// The ways to group.
const (
	GroupExact      GroupBy = "exact"      // every byte
	GroupNormalized GroupBy = "normalized" // what is left when ids, addresses, times and line ends are masked
	GroupNone       GroupBy = "none"       // each instance is shown alone
)

// GroupBys are the names of all of them.
func GroupBys() []string {
	return []string{string(GroupExact), string(GroupNormalized), string(GroupNone)}
}

// masks are what differs from instance to instance without meaning anything, and what stands for it. They are tried in this
// order at every place.
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

// normalize masks an output, and the name of the instance that it is from. CRLF becomes LF, and the
// last line has no end.
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

// normalized gives ends whose outputs are masked. Each output is read once to be grouped and once to be shown.
func (e ends) normalized(numbers iter.Seq[int32]) (ends, error) {
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
	e.of = func(n int32) end {
		end := of(n)
		end.output = keys[n]
		return end
	}
	e.outputs = from
	return e, nil
}

// maskedOutputs are the outputs whose masked texts have a key.
type maskedOutputs struct {
	outputs fleet.Outputs
	sources map[fleet.OutputKey]source
}

type source struct {
	key  fleet.OutputKey
	name string
}

// Output gives a masked output.
func (m maskedOutputs) Output(key fleet.OutputKey) (fleet.Output, error) {
	from := m.sources[key]
	text, err := readOutput(m.outputs, from.key)
	return fleet.Output(normalize(string(text), from.name)), err
}

// alone has each instance be a group, in the given order.
func (e ends) alone(numbers iter.Seq[int32]) [][]int32 {
	var groups [][]int32
	for n := range numbers {
		if e.of(n).shows() {
			groups = append(groups, []int32{n})
		}
	}
	return groups
}

// largest is the number of the group that has the most instances; the last one of several.
func largest(groups [][]int32) int {
	at := 0
	for i, group := range groups {
		if len(group) >= len(groups[at]) {
			at = i
		}
	}
	return at
}

// difference returns what turns one text into the other, as diff -u shows it, with CRs as ^M. It is empty if they are the
// same.
func difference(oldName, newName string, old, new fleet.Output) string {
	shown := func(output fleet.Output) []byte { return []byte(strings.ReplaceAll(string(output), "\r", "^M")) }
	text := string(diff.Diff(oldName, shown(old), newName, shown(new)))
	_, text, _ = strings.Cut(text, "\n") // without the line that names the command
	return text
}

// clean makes text from an instance harmless, unless it is wanted as it is.
func (s Style) clean(text string) string {
	if s.Grouping.Raw {
		return text
	}
	return term.Sanitize(text)
}
