package config

import "testing"

func TestBestMatch(t *testing.T) {
	known := []string{"run", "runs", "region", "max-failures"}
	for word, want := range map[string]string{"rnu": "run", "regoin": "region", "max": "max-failures", "MAX-failure": "max-failures", "qqqq": "", "x": ""} {
		if got, ok := BestMatch(word, known); ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %q, %t, want %q", word, got, ok, want)
		}
	}
	if DidYouMean("x", nil) != "" {
		t.Error("a suggestion without known words")
	}
}
