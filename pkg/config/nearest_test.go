package config

import (
	"testing"

	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"regoin", "region", 1}, {"rnu", "run", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3}, {"é", "e", 1}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q to %q: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestDistanceIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOf(rapid.RuneFrom([]rune("abc-é")))
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if (distance(a, b) == 0) != (a == b) {
			t.Error("zero for two words, or not zero for one")
		}
		if distance(a, b) != distance(b, a) {
			t.Error("not symmetric")
		}
	})
}

func TestMeant(t *testing.T) {
	known := []string{"run", "runs", "region", "max-failures"}
	for word, want := range map[string]string{"rnu": "run", "regoin": "region", "max": "max-failures", "MAX-failure": "max-failures", "qqqq": "", "x": ""} {
		if got, ok := Meant(word, known); ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %q, %t, want %q", word, got, ok, want)
		}
	}
	if DidYouMean("x", nil) != "" {
		t.Error("something is meant where nothing is known")
	}
}
