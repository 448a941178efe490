package term

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"
)

func TestCut(t *testing.T) {
	tests := []struct {
		text    string
		columns int
		want    string
	}{
		{"waiting for 10", 14, "waiting for 10"},
		{"waiting for 10", 13, "waiting fo..."},
		{"世界世界世界", 12, "世界世界世界"},
		{"世界世界世界", 11, "世界世界..."},
		{"世界世界世界", 10, "世界世..."},
		{"waiting", 6, "waitin"},
		{"世界", 3, "世"},
		{"世界", 1, ""},
		{"waiting", 0, ""},
		{"waiting", -3, ""},
	}
	for _, tt := range tests {
		if got := cut(tt.text, tt.columns); got != tt.want {
			t.Errorf("%q to %d: got %q, want %q", tt.text, tt.columns, got, tt.want)
		}
	}
}

func TestCutFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Sanitize(rapid.String().Draw(t, "text"))
		text = strings.NewReplacer("\n", " ", "\t", " ").Replace(text)
		columns := rapid.IntRange(0, 40).Draw(t, "columns")
		if got := cut(text, columns); displaywidth.String(got) > columns {
			t.Errorf("%q is wider than %d", got, columns)
		}
	})
}
