package fleet

import (
	"slices"
	"strings"
	"sync"
)

// masked stands in the place of a secret.
const masked = "******"

// Secrets are values that no event tells, in every form in which they are recognised. The zero value has none.
type Secrets struct {
	patterns []string
	encoded  []string // those of the patterns that are Base64, which may be folded into lines
	all      searcher
	folded   searcher

	pieces, encodedPieces func() *pieces // of patterns and of encoded, made when they are needed first
}

// NewSecrets returns the values in the forms that they take on their way: see [forms] and [encodings].
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
		pieces:        sync.OnceValue(func() *pieces { return newPieces(patterns) }),
		encodedPieces: sync.OnceValue(func() *pieces { return newPieces(encoded) }),
	}
}

func (s Secrets) none() bool { return len(s.patterns) == 0 }

// span is a part of a text.
type span struct{ from, to int }

// Mask takes the values out of a text. Where two overlap, both are gone.
func (s Secrets) Mask(text string) string {
	if s.none() {
		return text
	}
	return replace(text, s.find(text))
}

// find returns where values stand in a text.
func (s Secrets) find(text string) []span {
	found := s.all.search(text)
	if len(s.encoded) > 0 {
		for _, block := range unfold(text) {
			for _, hit := range s.folded.search(block.text) {
				found = append(found, span{block.place(hit.from), block.place(hit.to-1) + 1})
			}
		}
	}
	return found
}

// replace puts [masked] in the place of parts of a text.
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

// merge puts spans that overlap together, in the order of the text.
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

// mask takes the values out of all of an event that comes from elsewhere.
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

// maskOutput takes the values out of an output that lacks some bytes.
func (s Secrets) maskOutput(output Output, dropped int64) Output {
	if dropped > 0 {
		return Output(s.maskCut(string(output)))
	}
	return Output(s.Mask(string(output)))
}

// cut is the last place in a text, up to one, where it can be cut without a secret standing across, whatever it goes on
// with.
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

// begins returns where a pattern begins in a text that it stands across a place of, and otherwise the place. An open text
// goes on with nobody knows what, so that a pattern may begin at its end.
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
				return block.place(from)
			}
		}
	}
	return at
}

// tail is how much of a text, of which nobody knows what stood before it, may be the end of a secret.
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
				longest = max(longest, blocks[0].place(n-1)+1)
			}
		}
	}
	return longest
}

// ends is how much of a text may be the end of a pattern that began before it.
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
