package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"muster/pkg/levenshtein"
)

// DidYouMean returns the end of a message about an unknown word: a question with the known word that was probably meant, or
// nothing.
func DidYouMean(word string, known []string) string {
	if guess, ok := BestMatch(word, known); ok {
		return fmt.Sprintf("; did you mean %q?", guess)
	}
	return ""
}

// BestMatch returns the known word that was probably meant by word, and whether there is one.
func BestMatch(word string, known []string) (string, bool) {
	if len(known) == 0 {
		return "", false
	}
	const shortestPrefix = 3
	for _, whole := range known {
		if len(word) >= shortestPrefix && strings.HasPrefix(whole, strings.ToLower(word)) {
			return whole, true
		}
	}
	guess, d := Nearest(word, known)
	return guess, 2*d <= len(word)
}

// Nearest returns the known word that is most like word, and the edit distance between the two. known must not be empty.
func Nearest(word string, known []string) (string, int) {
	lower, letters := strings.ToLower(word), utf8.RuneCountInString(word)
	guess, least := known[0], levenshtein.Distance(lower, strings.ToLower(known[0]))
	for _, other := range known[1:] {
		if missing := utf8.RuneCountInString(other) - letters; missing > least || -missing > least {
			continue // the difference in length is the least distance
		}
		d := levenshtein.Distance(lower, strings.ToLower(other))
		if d < least || d == least && commonSuffix(word, other) > commonSuffix(word, guess) {
			guess, least = other, d
		}
	}
	return guess, least
}

// commonSuffix returns the length in bytes of the end that two words share: by it, web-0012 is more like web-012 than like
// web-001.
func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// MostSimilar returns at most n known words without duplicates, the most similar to word first.
func MostSimilar(word string, known []string, n int) []string {
	var near []string
	for _, other := range byDistance(word, known) {
		if len(near) < n && !slices.Contains(near, other) {
			near = append(near, other)
		}
	}
	return near
}

// Similar is like [MostSimilar], without words that are too different to have been meant. A word that begins with word is always
// similar, if word has more than two letters.
func Similar(word string, known []string, n int) []string {
	lower := strings.ToLower(word)
	return MostSimilar(word, slices.DeleteFunc(slices.Clone(known), func(other string) bool {
		other = strings.ToLower(other)
		return (len(lower) <= 2 || !strings.HasPrefix(other, lower)) && 2*levenshtein.Distance(lower, other) > len(lower)
	}), n)
}

// byDistance returns the known words sorted by their edit distance to word.
func byDistance(word string, known []string) []string {
	word = strings.ToLower(word)
	sorted := slices.Clone(known)
	slices.SortStableFunc(sorted, func(a, b string) int {
		return cmp.Compare(levenshtein.Distance(word, strings.ToLower(a)), levenshtein.Distance(word, strings.ToLower(b)))
	})
	return sorted
}
