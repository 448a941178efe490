// Package levenshtein measures how different two words are, to suggest what a misspelt word may have meant.
package levenshtein

// Distance returns the number of edits that turn a into b. An edit inserts, deletes or replaces a rune, or swaps two
// neighbours, and no part of a word is edited twice: this is the optimal string alignment distance, the restricted form of
// the Damerau–Levenshtein distance.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	var beforeLast []int
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
				row[j+1] = min(row[j+1], beforeLast[j-1]+1)
			}
		}
		beforeLast, last = last, row
	}
	return last[len(to)]
}
