package fleet

import (
	"math"
	"slices"
	"strings"
)

// searcher finds many patterns in a text in about the time that one takes: an output may have 24 KB, and a private key has
// hundreds of patterns.
type searcher struct {
	single   []string // searched one by one
	wuManber []*wuManber
}

const (
	leastJump = 4 // the length from which patterns are put into a table
	longJump  = 8 // the length from which they have a table of their own, so that shorter ones do not slow it down

	mostSingle = 3 // the number of short patterns that are as fast to search one by one
)

func newSearcher(patterns []string) searcher {
	var s searcher
	var short, long []string
	for _, pattern := range patterns {
		switch {
		case len(pattern) < leastJump:
			s.single = append(s.single, pattern)
		case len(pattern) < longJump:
			short = append(short, pattern)
		default:
			long = append(long, pattern)
		}
	}
	if len(short) <= mostSingle {
		s.single, short = append(s.single, short...), nil
	}
	for _, list := range [][]string{short, long} {
		if len(list) > 0 {
			s.wuManber = append(s.wuManber, newWuManber(list))
		}
	}
	return s
}

// search returns the occurrences of the patterns, including overlapping ones, in no particular order.
func (s searcher) search(text string) (found []span) {
	for _, pattern := range s.single {
		for from := 0; ; {
			n := strings.Index(text[from:], pattern)
			if n < 0 {
				break
			}
			from += n
			found = append(found, span{from, from + len(pattern)})
			from++
		}
	}
	for _, j := range s.wuManber {
		found = j.search(text, found)
	}
	return found
}

// wuManber finds patterns by the algorithm of Wu and Manber: for each pair of bytes it has the least distance to the end of the
// shortest pattern.
type wuManber struct {
	least int                 // the length of the shortest pattern, at most MaxUint8
	far   [1 << 16]uint8      // the distance, by pair of bytes
	at    map[uint16][]string // the patterns by the pair at the end of their first least bytes
}

func newWuManber(patterns []string) *wuManber {
	j := &wuManber{least: math.MaxUint8, at: map[uint16][]string{}}
	for _, pattern := range patterns {
		j.least = min(j.least, len(pattern))
	}
	for i := range j.far {
		j.far[i] = uint8(j.least - 1) //nolint:gosec // at most MaxUint8
	}
	for _, pattern := range patterns {
		for end := 2; end <= j.least; end++ {
			two := twoBytes(pattern, end)
			j.far[two] = min(j.far[two], uint8(j.least-end)) //nolint:gosec // at most MaxUint8
		}
		last := twoBytes(pattern, j.least)
		j.at[last] = append(j.at[last], pattern)
	}
	for _, list := range j.at {
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	}
	return j
}

func twoBytes(text string, end int) uint16 {
	return uint16(text[end-2]) | uint16(text[end-1])<<8
}

func (j *wuManber) search(text string, found []span) []span {
	table := &j.far
	for end := j.least; end <= len(text); {
		two := twoBytes(text, end)
		if far := table[two]; far > 0 {
			end += int(far)
			continue
		}
		from := end - j.least
		for _, pattern := range j.at[two] { // longest first
			if strings.HasPrefix(text[from:], pattern) {
				found = append(found, span{from, from + len(pattern)})
				break
			}
		}
		end++
	}
	return found
}
