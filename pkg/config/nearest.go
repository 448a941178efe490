package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
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
	guess, d := Nearest(word, known)
	return guess, 2*d <= len(word)
}

// Nearest returns which of known is most like word, and how many letters of it are different. There has to be one.
func Nearest(word string, known []string) (string, int) {
	lower, letters := strings.ToLower(word), utf8.RuneCountInString(word)
	guess, least := known[0], distance(lower, strings.ToLower(known[0]))
	for _, other := range known[1:] {
		if missing := utf8.RuneCountInString(other) - letters; missing > least || -missing > least {
			continue // at least so many letters are missing or too many
		}
		d := distance(lower, strings.ToLower(other))
		if d < least || d == least && sameEnd(word, other) > sameEnd(word, guess) {
			guess, least = other, d
		}
	}
	return guess, least
}

// sameEnd counts the bytes that two words end with alike: of web-001 and web-012, web-0012 is more like the second.
func sameEnd(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// Near returns at most n of known, the likeliest to have been meant by word first, each once.
func Near(word string, known []string, n int) []string {
	var near []string
	for _, other := range nearest(word, known) {
		if len(near) < n && !slices.Contains(near, other) {
			near = append(near, other)
		}
	}
	return near
}

// Similar is Near without what is too different to have been meant. What begins with word is always similar.
func Similar(word string, known []string, n int) []string {
	lower := strings.ToLower(word)
	return Near(word, slices.DeleteFunc(slices.Clone(known), func(other string) bool {
		other = strings.ToLower(other)
		return (len(lower) <= 2 || !strings.HasPrefix(other, lower)) && 2*distance(lower, other) > len(lower)
	}), n)
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
