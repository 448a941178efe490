package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// DidYouMean is how a message goes on that tells an unknown word: with the one that was probably meant, or not at all.
func DidYouMean(word string, known []string) string {
	if guess, ok := Meant(word, known); ok {
		return fmt.Sprintf("; did you mean %q?", guess)
	}
	return ""
}

// Meant is which of known somebody probably meant by word, if any.
func Meant(word string, known []string) (string, bool) {
	if len(known) == 0 {
		return "", false
	}
	const telling = 3
	for _, whole := range known {
		if len(word) >= telling && strings.HasPrefix(whole, strings.ToLower(word)) {
			return whole, true
		}
	}
	guess := nearest(word, known)[0]
	return guess, 2*distance(strings.ToLower(word), strings.ToLower(guess)) <= len(word)
}

// nearest returns known, the likeliest to have been meant by word first.
func nearest(word string, known []string) []string {
	word = strings.ToLower(word)
	sorted := slices.Clone(known)
	slices.SortStableFunc(sorted, func(a, b string) int {
		return cmp.Compare(distance(word, strings.ToLower(a)), distance(word, strings.ToLower(b)))
	})
	return sorted
}

// distance counts the letters that are wrong, missing or too many, and the neighbours that are swapped.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	var before []int // the row before last
	last := make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i, r := range from {
		row := make([]int, len(to)+1)
		row[0] = i + 1
		for j, t := range to {
			replace := last[j]
			if r != t {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && r == to[j-1] && from[i-1] == t {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(to)]
}
