package assist

import (
	"encoding/base64"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

func TestOutputsAreDecodedAsTheyAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 10_000).Draw(t, "output")
		encoding := rapid.SampledFrom([]*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding}).Draw(t, "encoding")
		text, _ := json.Marshal(encoding.EncodeToString(plain))
		var got decodedText
		if err := json.Unmarshal(text, &got, lenient); err != nil || !got.decoded || got.text != string(plain) {
			t.Fatalf("%s is read as %q, %v", text, got.text, err)
		}
	})
}

func TestOutputsThatAreNoBase64AreKept(t *testing.T) {
	for text, want := range map[string]decodedText{
		`null`: {}, `""`: {"", true}, `"aGVsbG8="`: {"hello", true}, `"aGVs\nbG8=\n"`: {"hello", true}, `"aGVs bG8"`: {"hello", true},
		`"aGV\u0073bG8="`: {"hello", true}, `"no Base64!"`: {"no Base64!", false}, `"a"`: {"a", false}, `"日本"`: {"日本", false},
	} {
		var got decodedText
		if err := json.Unmarshal([]byte(text), &got, lenient); err != nil || got != want {
			t.Errorf("%s is read as %+v, want %+v: %v", text, got, want, err)
		}
	}
	for _, text := range []string{`1`, `{}`, `["a"]`, `"a`, `true`} {
		if err := json.Unmarshal([]byte(text), new(decodedText), lenient); err == nil {
			t.Errorf("%s is read as an output", text)
		}
	}
}
