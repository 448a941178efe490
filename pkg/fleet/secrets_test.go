package fleet

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// foldAt breaks a text into lines, as base64 and openssl do.
func foldAt(text, end string, width int) string {
	var b strings.Builder
	for len(text) > width {
		b.WriteString(text[:width] + end)
		text = text[width:]
	}
	return b.String() + text + end
}

// TestMaskFindsEncodedSecrets encodes a document with a secret, masks it, and decodes what is left.
func TestMaskFindsEncodedSecrets(t *testing.T) {
	around := rapid.StringN(0, 200, 200)
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-zA-Z0-9!"'/ é]{6,60}`).Filter(func(s string) bool { return strings.TrimSpace(s) == s }).Draw(t, "secret")
		document := around.Draw(t, "before") + secret + around.Draw(t, "after")
		encoding := rapid.SampledFrom([]*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding}).Draw(t, "encoding")
		encoded := encoding.EncodeToString([]byte(document))
		if width := rapid.SampledFrom([]int{0, 60, 64, 76}).Draw(t, "width"); width > 0 {
			encoded = foldAt(encoded, rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end"), width)
		}
		said := NewSecrets(secret).Mask("the key:\n" + encoded + "\nis above\n")
		if !strings.Contains(said, masked) {
			t.Fatalf("nothing is masked in %q", said)
		}
		// At most a part of a byte is left at each end.
		clean := strings.NewReplacer("\r", "", "\n", "", "=", "", "+", "-", "/", "_").Replace(encoded)
		at := base64.RawURLEncoding.EncodedLen(strings.Index(document, secret) + 1)
		middle := clean[at : base64.RawURLEncoding.EncodedLen(strings.Index(document, secret)+len(secret)-1)-1]
		left := strings.NewReplacer("\r", "", "\n", "", "+", "-", "/", "_").Replace(said)
		if strings.Contains(left, middle) {
			t.Fatalf("%q is left in %q", middle, said)
		}
	})
}

// TestMaskFindsForms masks values in the forms that programs write.
func TestMaskFindsForms(t *testing.T) {
	const secret = "p\"a/s s'é&1\nsecond line\n  third\nabc\n"
	secrets := NewSecrets(secret)
	inJSON, _ := json.Marshal(secret)
	encode := base64.StdEncoding.EncodeToString
	for name, text := range map[string]string{
		"itself":                       secret,
		"JSON":                         string(inJSON),
		"JSON of another library":      `"p\"a\/s s'\u00e9&1\nsecond line"`,
		"a shell's trace":              `+ echo 'p"a/s s'\''é&1'`,
		"a form":                       url.QueryEscape(secret),
		"a path":                       "https://host/" + url.PathEscape(secret),
		"lower case escapes":           "https://host/p%22a%2fs%20s%27%c3%a9%261",
		"a line":                       "line 2 is second line.",
		"a line without its blanks":    "it is [third]",
		"the Base64 of a line":         encode([]byte("second line\n")),
		"a line within Base64":         encode([]byte("x: second line, y")),
		"JSON within Base64":           encode([]byte(`{"data":` + jsonForm(secret, false) + `}`)),
		"Base64 in a URL":              url.QueryEscape(encode([]byte(secret))),
		"Base64 whose slashes escaped": strings.ReplaceAll(encode([]byte("xy"+secret)), "/", `\/`),
		"one line":                     strings.Join(strings.Fields(secret), " "),
	} {
		said := secrets.Mask(text)
		for _, part := range []string{"a/s", `a\/s`, "a%2", "second", "third", "c2Vjb25k", "NlY29uZ", "zZWNvbm"} {
			if strings.Contains(said, part) || !strings.Contains(said, masked) {
				t.Errorf("%s: %q becomes %q", name, text, said)
			}
		}
	}
	if said := secrets.Mask("abc is too short, and so is a third"); !strings.HasPrefix(said, "abc is too short") {
		t.Errorf("a short line is masked: %q", said)
	}
}

// TestSearchFindsAll compares with searching for one pattern after the other.
func TestSearchFindsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letter := rapid.SampledFrom([]rune("aab"))
		patterns := rapid.SliceOfNDistinct(rapid.StringOfN(letter, 1, 12, -1), 1, 20, rapid.ID).Draw(t, "patterns")
		text := rapid.StringOfN(letter, 0, 200, -1).Draw(t, "text")
		hidden := func(spans []span) string {
			b := []byte(text)
			for _, s := range spans {
				copy(b[s.from:s.to], strings.Repeat("*", s.to-s.from))
			}
			return string(b)
		}
		var want []span
		for _, pattern := range patterns {
			for at := range len(text) {
				if strings.HasPrefix(text[at:], pattern) {
					want = append(want, span{at, at + len(pattern)})
				}
			}
		}
		if got, want := hidden(newSearcher(patterns).search(text)), hidden(want); got != want {
			t.Fatalf("%q without %q is %q, want %q", text, patterns, got, want)
		}
	})
}

// TestStreamMasksFoldedSecrets fetches at any time while a key is being written as Base64.
func TestStreamMasksFoldedSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-z]{20,100}`).Draw(t, "secret")
		secrets := NewSecrets(secret)
		document := rapid.StringN(0, 100, 100).Draw(t, "before") + secret + "\n" + rapid.StringN(0, 100, 100).Draw(t, "after")
		all := "begin\n" + foldAt(base64.StdEncoding.EncodeToString([]byte(document)), "\n", rapid.SampledFrom([]int{60, 76}).Draw(t, "width")) + "\nend\n"
		s := &stream{secrets: secrets}
		var told strings.Builder
		for at := 0; at < len(all); at += rapid.IntRange(1, 50).Draw(t, "step") {
			for _, p := range s.take(all[:at], 0, false) {
				told.WriteString(secrets.Mask(p.text))
			}
		}
		for _, p := range s.take(all, 0, true) {
			told.WriteString(secrets.Mask(p.text))
		}
		if want := secrets.Mask(all); told.String() != want {
			t.Fatalf("told %q, want %q", told.String(), want)
		}
	})
}
