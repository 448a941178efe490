package fleet

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTrimPartialRunes(t *testing.T) {
	japanese := strings.Repeat("日本語のテキスト", 400) // 9,600 bytes
	for _, tt := range []struct {
		name, output string
		dropped      int64
		want         string
	}{
		{"nothing dropped", "\x9c\xe8\xaaend", 0, "\x9c\xe8\xaaend"},
		{"nothing cut", "whole 世界", 10, "whole 世界"},
		{"the end of a character at the beginning", japanese[1:], 1, japanese[3:]},
		{"the beginning of one at the end", japanese[:len(japanese)-1], 1, japanese[:len(japanese)-3]},
		{"both halves, in the middle", japanese[:6001] + japanese[8102:], 2101, japanese[:6000] + japanese[8103:]},
		{"text but for one byte, far behind any cut", japanese + "\xff", 5, japanese + "\xff"},
		{"not text", "\xff\xfe\x00a\xff\x00b", 5, "\xff\xfe\x00a\xff\x00b"},
		{"Latin-1 at the beginning", "\xe9t\xe9", 5, "\xe9t\xe9"},
	} {
		got, dropped := trimPartialRunes(tt.output, tt.dropped)
		if got != tt.want {
			t.Errorf("%s: got %d bytes, want %d", tt.name, len(got), len(tt.want))
		}
		if dropped-tt.dropped != int64(len(tt.output)-len(got)) {
			t.Errorf("%s: %d bytes are missing, and %d are counted", tt.name, len(tt.output)-len(got), dropped-tt.dropped)
		}
	}
}

// TestTrimmedTextIsValid drops the middle of a text as an agent does, which keeps a beginning and an end.
func TestTrimmedTextIsValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat(rapid.StringMatching(`[a-z日本😀é\n]{1,40}`).Draw(t, "text"), 400)
		head := rapid.IntRange(0, min(maxHead, len(text))).Draw(t, "head")
		from := rapid.IntRange(head, len(text)).Draw(t, "from")
		kept, lost := text[:head]+text[from:], int64(from-head)
		if lost == 0 {
			return
		}
		got, dropped := trimPartialRunes(kept, lost)
		if !utf8.ValidString(got) {
			t.Fatalf("cut from %d to %d: not text", head, from)
		}
		if dropped+int64(len(got)) != int64(len(text)) || len(kept)-len(got) > 6 {
			t.Fatalf("%d bytes and %d dropped of %d", len(got), dropped, len(text))
		}
	})
}
