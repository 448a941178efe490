package term

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "hello, 世界 👩‍💻\n\tend", "hello, 世界 👩‍💻\n\tend"},
		{"empty", "", ""},
		{"colour", "\x1b[31mred\x1b[0m", "^[[31mred^[[0m"},
		{"title", "\x1b]0;title\a", "^[]0;title^G"},
		{"overwriting", "bad\rgood", "bad^Mgood"},
		{"backspace", "bad\b\b\bgood", "bad^H^H^Hgood"},
		{"Windows lines", "one\r\ntwo\r\n", "one\ntwo\n"},
		{"one return too many", "one\r\r\n", "one^M\n"},
		{"other line ends", "a\vb\fc\u2028d\u2029e\u0085f", `a^Kb^Lc\u2028d\u2029e\u0085f`},
		{"null and delete", "\x00\x7f", "^@^?"},
		{"C1", "\u009b31m", `\u009b31m`},
		{"C1 as a byte", "a\x9b31m", `a\x9b31m`},
		{"cut-off UTF-8", "\xe4\xb8", `\xe4\xb8`},
		{"replacement character", "\ufffd", "\ufffd"},
		{"bidi overrides", "\u202agnp.\u202eexe\u202c", `\u202agnp.\u202eexe\u202c`},
		{"bidi isolates and marks", "\u2066a\u2069\u200e\u200f\u061c", `\u2066a\u2069\u200e\u200f\u061c`},
		{"invisible", "a\u200bb\u2060c\ufeffd", `a\u200bb\u2060c\ufeffd`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sanitize(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{"plain", "\x1b]0;t\a", "\r\n\r", "\u202e", "\xff\x9b", "\u200d世", "\U000e0001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Sanitize(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%q has %U", got, r)
			}
		}
		if again := Sanitize(got); again != got {
			t.Errorf("%q, done twice, becomes %q", got, again)
		}
		if strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q has other lines than %q", got, text)
		}
	})
}

func BenchmarkSanitize(b *testing.B) {
	text := strings.Repeat("a line of 64 characters, as most outputs have them . . . . . . .\n", 24<<10/65)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Sanitize(text)
	}
}
