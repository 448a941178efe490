package levenshtein

import (
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"regoin", "region", 1}, {"rnu", "run", 1}, {"abcd", "badc", 2},
		{"kitten", "sitting", 3}, {"é", "e", 1},
	} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestDistanceIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOf(rapid.RuneFrom([]rune("abc-é")))
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if (Distance(a, b) == 0) != (a == b) {
			t.Error("zero for two words, or not zero for one")
		}
		if Distance(a, b) != Distance(b, a) {
			t.Error("not symmetric")
		}
	})
}
