package journal

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

func TestQuoteIsLikeTheLibrarys(t *testing.T) {
	pieces := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"\"", "\\", "\n", "\r\n", "\t", "\b\f", "\x00\x1f", "\x7f", "<&>", "\u2027\u2028\u2029\u202a", "日本", "\U0001f600"}),
		rapid.StringOfN(rapid.RuneFrom([]rune("abc +/=")), 0, 40, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 8).Draw(t, "pieces"), "")
		want, err := json.Marshal(text, lineOptions)
		if got := appendQuoted(nil, text); err != nil || string(got) != string(want) {
			t.Fatalf("%q is %s, want %s: %v", text, got, want, err)
		}
	})
}

func TestUnquoteIsLikeTheLibrarys(t *testing.T) {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			`\"`, `\\`, `\/`, `\n`, `\r`, `\t`, `\b`, `\f`, `\u0041`, `\u2028`, `\ud83d\ude00`, `\ud83d`, `\x`, `\`, `"`, "\n", "\x00", "\x7f", "\xff", "\xe2\x80",
			"日本", "\u2028", "plain text",
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		literal := jsontext.Value(`"` + strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "") + `"`)
		want, wantErr := jsontext.AppendUnquote([]byte("before"), literal)
		got, err := appendUnquoted([]byte("before"), literal)
		if (err == nil) != (wantErr == nil) || string(got) != string(want) {
			t.Fatalf("%s is %q, %v, want %q, %v", literal, got, err, want, wantErr)
		}
	})
}

func BenchmarkQuote(b *testing.B) {
	text := strings.Repeat(strings.Repeat("x", 63)+"\n", mostOutput/64)
	to := make([]byte, 0, 2*mostOutput)
	b.SetBytes(mostOutput)
	for b.Loop() {
		to = appendQuoted(to[:0], text)
	}

}
