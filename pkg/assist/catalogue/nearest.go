package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest are at most n codes that may have been meant, the likeliest first: those that hold the text, then those that are
// spelled like it. There are none where nothing comes near.
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
			if d := distance(word, lower); 2*d <= longer {
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

// distance is the Levenshtein distance of a and b, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
