package fleet

import (
	"strings"
	"unicode/utf8"
)

// What is left of a secret that was cut is hidden from so many bytes on: a quarter of it, but not fewer than 4 and not more
// than 8, and all but one of a secret of 3 or 4. Fewer are found in many texts where they are nothing of a secret, and so is
// one character many times over.
const (
	leastPiece = 4
	mostPiece  = 8
)

// leastPieces returns the shortest beginning and the shortest end of a pattern that are hidden; empty where there are none.
func leastPieces(pattern string) (begin, end string) {
	n := len(pattern)
	least := min(max(n/4, leastPiece), mostPiece, n-1)
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

// varies reports whether a text is more than one byte many times over.
func varies(text string) bool { return strings.Trim(text, text[:1]) != "" }

// pieces finds the beginnings and ends of patterns.
type pieces struct {
	begins, ends pieceIndex
	longest      int // pattern
}

// pieceIndex finds patterns by the least of each that is hidden.
type pieceIndex struct {
	all      searcher
	patterns map[string][]string // by that
}

func newPieces(patterns []string) *pieces {
	begins, ends := map[string][]string{}, map[string][]string{}
	p := &pieces{}
	for _, pattern := range patterns {
		begin, end := leastPieces(pattern)
		if begin != "" {
			begins[begin] = append(begins[begin], pattern)
		}
		if end != "" {
			ends[end] = append(ends[end], pattern)
		}
		p.longest = max(p.longest, len(pattern))
	}
	p.begins, p.ends = newPieceIndex(begins), newPieceIndex(ends)
	return p
}

func newPieceIndex(patterns map[string][]string) pieceIndex {
	keys := make([]string, 0, len(patterns))
	for key := range patterns {
		keys = append(keys, key)
	}
	return pieceIndex{newSearcher(keys), patterns}
}

// each passes every place in a text where a piece stands, with a pattern that has it. The searcher tells the longest of
// those that begin at a place.
func (x *pieceIndex) each(text string, do func(from, to int, pattern string)) {
	for _, hit := range x.all.search(text) {
		for to := hit.from + 1; to <= hit.to; to++ {
			for _, pattern := range x.patterns[text[hit.from:to]] {
				do(hit.from, to, pattern)
			}
		}
	}
}

// within appends where pieces stand that may border on bytes that are missing at a place up to the given one.
func (p *pieces) within(text string, upTo int, found []span) []span {
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

// atEnd appends where the pieces begin that a text ends with.
func (p *pieces) atEnd(text string, found []span) []span {
	tail := max(0, len(text)-p.longest)
	p.begins.each(text[tail:], func(from, _ int, pattern string) {
		if from += tail; strings.HasPrefix(pattern, text[from:]) {
			found = append(found, span{from, len(text)})
		}
	})
	return found
}

// wholeBegin returns how much of a text is the beginning of a pattern, in whole characters.
func wholeBegin(text, pattern string) int {
	n := commonPrefix(text, pattern)
	for n > 0 && n < len(pattern) && !utf8.RuneStart(pattern[n]) {
		n--
	}
	return n
}

// wholeEnd returns how much of a text's end is the end of a pattern, in whole characters.
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

// maskCut is [Secrets.Mask] for an output that lacks bytes. Where a secret was cut, the part that is left of it is gone, too:
// its beginning before the missing bytes and its end after them.
func (s Secrets) maskCut(output string) string {
	if s.none() {
		return output
	}
	return replace(output, s.findCut(output, longestBeginning, true))
}

// maskCutFrom is maskCut for the part of an output that begins at a place. The bytes are missing at most upTo bytes behind
// the beginning of the output. What is still being written may be followed by more.
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

// findCut finds the secrets in an output, and their pieces before and after bytes that are missing: at a place up to the
// given one or, if the output has ended, at its end.
func (s Secrets) findCut(output string, upTo int, ended bool) []span {
	found := s.pieces().within(output, upTo, s.find(output))
	if ended {
		found = s.pieces().atEnd(output, found)
	}
	if len(s.encoded) > 0 {
		found = s.findCutEncoded(output, upTo, ended, found)
	}
	return found
}

// findCutEncoded finds pieces of Base64 that is folded into lines.
func (s Secrets) findCutEncoded(output string, upTo int, ended bool, found []span) []span {
	p := s.encodedPieces()
	longest := 2 * p.longest // with its line breaks
	head := oneLine(output[:min(len(output), upTo+longest)])
	for _, hit := range p.within(head.text, upTo, nil) {
		if from := head.place(hit.from); from <= upTo {
			found = append(found, span{from, head.place(hit.to-1) + 1})
		}
	}
	if !ended {
		return found
	}
	from := max(0, len(output)-longest)
	tail := oneLine(output[from:])
	for _, hit := range p.atEnd(tail.text, nil) {
		found = append(found, span{from + tail.place(hit.from), len(output)})
	}
	return found
}

// oneLine removes the line breaks from a text, which Base64 may be folded at. What was cut is too short to be recognised as
// folded by the length of its lines.
func oneLine(text string) unfolded {
	var b strings.Builder
	block := unfolded{}
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
