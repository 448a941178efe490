package assist

import (
	"bytes"
	"encoding/base64"
	"testing"

	"pgregory.net/rapid"
)

func TestDecodeBase64(t *testing.T) {
	encoded := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 100), func(plain []byte) []byte {
		return base64.RawStdEncoding.AppendEncode(nil, plain)
	})
	rapid.Check(t, func(t *rapid.T) {
		text := encoded.Draw(t, "text")
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			if len(text) > 0 {
				text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			}
		}
		dst := make([]byte, base64.RawStdEncoding.DecodedLen(len(text))+rapid.IntRange(0, 10).Draw(t, "more"))
		want, err := base64.RawStdEncoding.DecodeString(string(text))
		wantOK := err == nil && !bytes.ContainsAny(text, "\r\n")
		n, ok := decodeBase64(dst, text)
		if ok != wantOK || ok && !bytes.Equal(dst[:n], want) {
			t.Fatalf("%q is %q, %t, want %q: %v", text, dst[:n], ok, want, err)
		}
	})
}
