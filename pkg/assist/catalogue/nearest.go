package catalogue

import (
	"cmp"
	"slices"
	"strings"

	"muster/pkg/levenshtein"
)

// Nearest returns at most n codes that may have been meant by code, the likeliest first: those that contain it, then those
// with a similar spelling. It returns none if no code is similar.
func Nearest(code string, n int) []string {
	word := strings.ToLower(strings.TrimSpace(code))
	type candidate struct {
		code string
		rank [2]int
	}
	var near []candidate
	for _, f := range known().facts {
		lower := strings.ToLower(f.Code)
		longer := max(len(lower), len(word))
		apart := max(len(lower)-len(word), len(word)-len(lower))
		switch {
		case f.family():
		case len(word) >= 3 && strings.Contains(lower, word):
			near = append(near, candidate{f.Code, [2]int{0, apart}})
		case 2*apart <= longer:
			if d := levenshtein.Distance(word, lower); 2*d <= longer {
				near = append(near, candidate{f.Code, [2]int{1, d}})
			}
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank[0], b.rank[0]), cmp.Compare(a.rank[1], b.rank[1]))
	})
	var codes []string
	for _, c := range near[:min(max(n, 0), len(near))] {
		codes = append(codes, c.code)
	}
	return codes
}
