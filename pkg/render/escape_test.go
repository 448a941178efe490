package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// hostile has each kind of character that a terminal interprets or does not show.
const hostile = "a\x7fb\u009b31mc\u202ed\u2066e\u061cf\u200bg\ufeffh\u2028i\U000e0041j\u0085世界"

// TestDocumentsAreSafeOnATerminal writes such characters in each format that has escapes, and reads JSON back.
func TestDocumentsAreSafeOnATerminal(t *testing.T) {
	for _, format := range []Format{JSON, NDJSON, YAML, JUnit} {
		text := formatted(t, format, oneTarget(fleet.CauseExit, hostile, hostile+"\n"))
		if i := strings.IndexFunc(text, term.Hidden); i >= 0 {
			t.Errorf("%s: %q", format, text[max(0, i-10):i+10])
		}
	}
	var b strings.Builder
	if err := Write(&b, CSV, oneTarget(fleet.CauseExit, hostile, hostile), Style{Terminal: true}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(b.String(), term.Hidden) || !strings.Contains(b.String(), "世界") {
		t.Errorf("csv at a terminal: %q", b.String())
	}
	if !strings.Contains(formatted(t, CSV, oneTarget(fleet.CauseExit, hostile, hostile)), hostile) {
		t.Error("csv in a pipe is changed")
	}
}

// TestEscapesRoundTrip writes texts in pieces of any size and reads the JSON back.
func TestEscapesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Just(hostile), rapid.StringMatching(`[a-z]{0,40}`)).Draw(t, "text")
		document, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		e := &escaper{w: &b, escape: escapeJSON}
		for rest := document; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if _, err := e.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := e.end(); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, got); diff != "" || bytes.ContainsFunc(b.Bytes(), term.Hidden) {
			t.Fatal(diff, b.String())
		}
	})
}
