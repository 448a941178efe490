package fleet

import (
	"slices"
	"strings"
	"sync"
)

// masked replaces a secret.
const masked = "******"

// Secrets are values that no event may contain, in any form in which they are recognised. The zero value has none.
type Secrets struct {
	patterns []string
	encoded  []string // those of the patterns that are Base64, and may be folded into lines
	all      searcher
	folded   searcher

	fragments, encodedFragments func() *fragments // of patterns and of encoded, built on first use
}

// NewSecrets returns secrets in all forms that their values may take: see [forms] and [encodings].
func NewSecrets(values ...string) Secrets {
	var plain, encoded []string
	for _, value := range values {
		for _, text := range append(lines(value), value) {
			written := forms(text)
			plain = append(plain, written...)
			for _, text := range embedded(text) {
				core := encodings(text)
				encoded = append(encoded, core...)
				for _, text := range core {
					plain = append(plain, forms(text)...)
				}
			}
		}
	}
	return newSecrets(plain, encoded)
}

// newSecrets returns secrets that are recognised by exactly these patterns.
func newSecrets(plain, encoded []string) Secrets {
	clean := func(list []string) []string {
		list = slices.DeleteFunc(slices.Clone(list), func(text string) bool { return text == "" })
		slices.Sort(list)
		return slices.Compact(list)
	}
	encoded = clean(encoded)
	patterns := clean(slices.Concat(plain, encoded))
	return Secrets{
		patterns: patterns, encoded: encoded, all: newSearcher(patterns), folded: newSearcher(encoded),
		fragments:        sync.OnceValue(func() *fragments { return newFragments(patterns) }),
		encodedFragments: sync.OnceValue(func() *fragments { return newFragments(encoded) }),
	}
}

func (s Secrets) none() bool { return len(s.patterns) == 0 }

// span is a part of a text.
type span struct{ from, to int }

// Mask replaces the values in a text. Overlapping values are replaced together.
func (s Secrets) Mask(text string) string {
	if s.none() {
		return text
	}
	return replace(text, s.find(text))
}

// find returns the positions of the values in a text.
func (s Secrets) find(text string) []span {
	found := s.all.search(text)
	if len(s.encoded) > 0 {
		for _, block := range unfold(text) {
			for _, hit := range s.folded.search(block.text) {
				found = append(found, span{block.offset(hit.from), block.offset(hit.to-1) + 1})
			}
		}
	}
	return found
}

// replace replaces parts of a text by [masked].
func replace(text string, found []span) string {
	if len(found) == 0 {
		return text
	}
	var b strings.Builder
	told := 0
	for _, hit := range merge(found) {
		b.WriteString(text[told:hit.from])
		b.WriteString(masked)
		told = hit.to
	}
	b.WriteString(text[told:])
	return b.String()
}

// merge joins overlapping spans, and sorts them.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	merged := spans[:1]
	for _, next := range spans[1:] {
		if last := &merged[len(merged)-1]; next.from < last.to {
			last.to = max(last.to, next.to)
		} else {
			merged = append(merged, next)
		}
	}
	return merged
}

// mask replaces the values in all fields of an event that come from elsewhere.
func (s Secrets) mask(e *Event) {
	if s.none() {
		return
	}
	e.Message = s.Mask(e.Message)
	e.Output = Output(s.Mask(string(e.Output)))
	if e.Result != nil {
		r := *e.Result
		r.Output, r.ErrorInfo = s.maskOutput(r.Output, r.Dropped), s.Mask(r.ErrorInfo)
		r.OssOutputUri, r.OssOutputErrorInfo = s.Mask(r.OssOutputUri), s.Mask(r.OssOutputErrorInfo)
		r.hashed = OutputKey{}
		e.Result = &r
	}
	e.Instances = slices.Clone(e.Instances)
	for i := range e.Instances {
		e.Instances[i].ErrorInfo = s.Mask(e.Instances[i].ErrorInfo)
	}
}

// maskOutput replaces the values in an output that may lack bytes.
func (s Secrets) maskOutput(output Output, dropped int64) Output {
	if dropped > 0 {
		return Output(s.maskCut(string(output)))
	}
	return Output(s.Mask(string(output)))
}

// cut returns the largest offset in a text, up to the given one, at which the text can be split without splitting a secret,
// whatever text follows.
func (s Secrets) cut(text string, at int) int {
	for moved := true; moved; {
		moved = false
		for _, pattern := range s.patterns {
			if from := begins(text, pattern, at, true); from < at {
				at, moved = from, true
			}
		}
		if from := s.cutFolded(text, at); from < at {
			at, moved = from, true
		}
	}
	return at
}

// begins returns the offset at which a pattern begins that extends across the given offset, and otherwise the given offset.
// More text may follow an open text, so a pattern may also begin at its end.
func begins(text, pattern string, at int, open bool) int {
	for from := max(0, at-len(pattern)+1); ; from++ {
		n := strings.IndexByte(text[from:at], pattern[0])
		if n < 0 {
			return at
		}
		from += n
		if rest := text[from:]; strings.HasPrefix(rest, pattern) || open && strings.HasPrefix(pattern, rest) {
			return from
		}
	}
}

// cutFolded is cut for Base64 that is folded into lines.
func (s Secrets) cutFolded(text string, at int) int {
	if len(s.encoded) == 0 || at == 0 {
		return at
	}
	for _, block := range unfold(text) {
		upTo := block.length(at)
		if upTo == 0 || block.begin+block.size() < at && !block.open {
			continue
		}
		for _, pattern := range s.encoded {
			if from := begins(block.text, pattern, upTo, block.open); from < upTo {
				return block.offset(from)
			}
		}
	}
	return at
}

// tail returns the length of the text's beginning that may be the end of a secret, if the text before it is not known.
func (s Secrets) tail(text string) int {
	longest := 0
	for _, pattern := range s.patterns {
		longest = max(longest, ends(text, pattern))
	}
	if len(s.encoded) == 0 {
		return longest
	}
	if blocks := unfold(text); len(blocks) > 0 && blocks[0].begin == 0 {
		for _, pattern := range s.encoded {
			if n := ends(blocks[0].text, pattern); n > 0 {
				longest = max(longest, blocks[0].offset(n-1)+1)
			}
		}
	}
	return longest
}

// ends returns the length of the text's beginning that may be the end of a pattern.
func ends(text, pattern string) int {
	if text == "" {
		return 0
	}
	for from := 1; ; from++ {
		n := strings.IndexByte(pattern[from:], text[0])
		if n < 0 {
			return 0
		}
		from += n
		if rest := pattern[from:]; strings.HasPrefix(text, rest) {
			return len(rest)
		}
	}
}
