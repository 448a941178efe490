package fleet

import (
	"strings"
	"unicode/utf8"
)

// A part of a secret is masked if it has at least a quarter of its bytes, but not fewer than 4 and not more than 8, and all but one
// byte of a secret of 3 or 4 bytes. Shorter parts, and repetitions of one character, would match text that is not secret.
const (
	minFragment = 4
	maxFragment = 8
)

// leastFragments returns the shortest beginning and the shortest end of a pattern that are masked; they are empty if there are
// none.
func leastFragments(pattern string) (begin, end string) {
	n := len(pattern)
	least := min(max(n/4, minFragment), maxFragment, n-1)
	if n < 3 {
		return "", ""
	}
	for size := least; size < n; size++ {
		if begin == "" && varies(pattern[:size]) {
			begin = pattern[:size]
		}
		if end == "" && varies(pattern[n-size:]) {
			end = pattern[n-size:]
		}
	}
	return begin, end
}

// varies reports whether a text is more than repetitions of one byte.
func varies(text string) bool { return strings.Trim(text, text[:1]) != "" }

// fragments finds the beginnings and ends of patterns.
type fragments struct {
	begins, ends fragmentIndex
	longest      int // the length of the longest pattern
}

// fragmentIndex finds patterns by the shortest part of each that is masked.
type fragmentIndex struct {
	all      searcher
	patterns map[string][]string // by that part
}

func newFragments(patterns []string) *fragments {
	begins, ends := map[string][]string{}, map[string][]string{}
	p := &fragments{}
	for _, pattern := range patterns {
		begin, end := leastFragments(pattern)
		if begin != "" {
			begins[begin] = append(begins[begin], pattern)
		}
		if end != "" {
			ends[end] = append(ends[end], pattern)
		}
		p.longest = max(p.longest, len(pattern))
	}
	p.begins, p.ends = newFragmentIndex(begins), newFragmentIndex(ends)
	return p
}

func newFragmentIndex(patterns map[string][]string) fragmentIndex {
	keys := make([]string, 0, len(patterns))
	for key := range patterns {
		keys = append(keys, key)
	}
	return fragmentIndex{newSearcher(keys), patterns}
}

// each calls do for every occurrence of a part in a text, with a pattern that has it. The searcher returns only the longest
// part at each offset.
func (x *fragmentIndex) each(text string, do func(from, to int, pattern string)) {
	for _, hit := range x.all.search(text) {
		for to := hit.from + 1; to <= hit.to; to++ {
			for _, pattern := range x.patterns[text[hit.from:to]] {
				do(hit.from, to, pattern)
			}
		}
	}
}

// within appends the occurrences of parts that may be next to bytes missing at an offset up to the given one.
func (p *fragments) within(text string, upTo int, found []span) []span {
	p.begins.each(text[:min(len(text), upTo+p.longest)], func(from, _ int, pattern string) {
		if n := wholeBegin(text[from:], pattern); n > 0 && from < upTo {
			found = append(found, span{from, from + n})
		}
	})
	p.ends.each(text[:min(len(text), upTo+p.longest)], func(_, to int, pattern string) {
		if n := wholeEnd(text[:to], pattern); n > 0 && to-n <= upTo {
			found = append(found, span{to - n, to})
		}
	})
	return found
}

// atEnd appends the parts that the text ends with.
func (p *fragments) atEnd(text string, found []span) []span {
	tail := max(0, len(text)-p.longest)
	p.begins.each(text[tail:], func(from, _ int, pattern string) {
		if from += tail; strings.HasPrefix(pattern, text[from:]) {
			found = append(found, span{from, len(text)})
		}
	})
	return found
}

// wholeBegin returns the length of the longest common beginning of a text and a pattern, in whole characters.
func wholeBegin(text, pattern string) int {
	n := commonPrefix(text, pattern)
	for n > 0 && n < len(pattern) && !utf8.RuneStart(pattern[n]) {
		n--
	}
	return n
}

// wholeEnd returns the length of the longest common end of a text and a pattern, in whole characters.
func wholeEnd(text, pattern string) int {
	n := 0
	for n < len(text) && n < len(pattern) && text[len(text)-1-n] == pattern[len(pattern)-1-n] {
		n++
	}
	for n > 0 && n < len(pattern) && !utf8.RuneStart(pattern[len(pattern)-n]) {
		n--
	}
	return n
}

// maskCut is [Secrets.Mask] for an output that lacks bytes. It also masks the parts of a secret next to the missing bytes: its
// beginning before them and its end after them.
func (s Secrets) maskCut(output string) string {
	if s.none() {
		return output
	}
	return replace(output, s.findCut(output, maxHead, true))
}

// maskCutFrom is maskCut for the part of an output that begins at an offset. The bytes are missing at an offset of at most
// upTo. More text may follow an output that has not ended.
func (s Secrets) maskCutFrom(output string, from, upTo int, ended bool) string {
	if s.none() {
		return output[from:]
	}
	to := len(output)
	if !ended {
		to = s.cut(output, to)
	}
	if to <= from {
		return output[from:]
	}
	var found []span
	for _, hit := range s.findCut(output[:to], upTo, ended) {
		if hit.to > from {
			found = append(found, span{max(hit.from, from) - from, hit.to - from})
		}
	}
	return replace(output[from:to], found) + output[to:]
}

// findCut returns the secrets in an output, and their parts before and after missing bytes, which are at an offset up to the
// given one or, if the output has ended, at its end.
func (s Secrets) findCut(output string, upTo int, ended bool) []span {
	found := s.fragments().within(output, upTo, s.find(output))
	if ended {
		found = s.fragments().atEnd(output, found)
	}
	if len(s.encoded) > 0 {
		found = s.findCutEncoded(output, upTo, ended, found)
	}
	return found
}

// findCutEncoded finds parts of Base64 that is folded into lines.
func (s Secrets) findCutEncoded(output string, upTo int, ended bool, found []span) []span {
	p := s.encodedFragments()
	longest := 2 * p.longest // including line breaks
	head := oneLine(output[:min(len(output), upTo+longest)])
	for _, hit := range p.within(head.text, upTo, nil) {
		if from := head.offset(hit.from); from <= upTo {
			found = append(found, span{from, head.offset(hit.to-1) + 1})
		}
	}
	if !ended {
		return found
	}
	from := max(0, len(output)-longest)
	tail := oneLine(output[from:])
	for _, hit := range p.atEnd(tail.text, nil) {
		found = append(found, span{from + tail.offset(hit.from), len(output)})
	}
	return found
}

// oneLine removes the line breaks from a text, at which Base64 may be folded. Base64 of which parts are missing is too short to
// be recognised by the length of its lines.
func oneLine(text string) base64Block {
	var b strings.Builder
	block := base64Block{}
	for at := 0; at < len(text); {
		line, _, _ := strings.Cut(text[at:], "\n")
		if b.Len() > 0 {
			block.folds = append(block.folds, fold{b.Len(), at})
		} else {
			block.begin = at
		}
		b.WriteString(strings.TrimSuffix(line, "\r"))
		at += len(line) + 1
	}
	block.text = b.String()
	return block
}
