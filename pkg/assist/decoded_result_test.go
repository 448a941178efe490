package assist

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// readResults decodes a response while it arrives.
func readResults(answer io.Reader) ([]InvocationResult, error) {
	var results decodedResults
	rest, options := results.filter(answer)
	err := json.UnmarshalRead(rest, &results, json.JoinOptions(lenient, options))
	return results.page(), err
}

// inPieces returns readers that return a text in pieces.
func inPieces(text string) map[string]io.Reader {
	return map[string]io.Reader{
		"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text)),
		"by halves": iotest.HalfReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text)),
	}
}

func TestDecodedResults(t *testing.T) {
	plain := rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 200), func(b []byte) string { return string(b) })
	long := rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(plain.Draw(t, "part"), rapid.IntRange(1, 500).Draw(t, "times"))
	})
	encoding := rapid.SampledFrom([]*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding})
	rapid.Check(t, func(t *rapid.T) {
		outputs := rapid.SliceOfN(rapid.OneOf(plain, plain, long), 0, 6).Draw(t, "outputs")
		answer := `{"Invocation":{"InvocationResults":{"InvocationResult":[`
		for i, output := range outputs {
			text, _ := json.Marshal(encoding.Draw(t, "encoding").EncodeToString([]byte(output)))
			info, _ := json.Marshal(rapid.SampledFrom([]string{"", `"Output":"aGVsbG8="`, `"Output":`, `\`}).Draw(t, "info"))
			if i > 0 {
				answer += ","
			}
			answer += rapid.SampledFrom([]string{`{"Output":`, `{"ErrorInfo":` + string(info) + `,"Output":`, `{ "output" : `}).Draw(t, "before") + string(text) +
				rapid.SampledFrom([]string{`}`, ` , "Else" : ""}`, `,"Else":{"Output":"aGVsbG8="}}`, `,"X\"Output":"aGVsbG8="}`}).Draw(t, "after")
		}
		answer += `]}}}`
		for name, reader := range inPieces(answer) {
			results, err := readResults(reader)
			if err != nil || len(results) != len(outputs) {
				t.Fatalf("%s: %d of %d results: %v", name, len(results), len(outputs), err)
			}
			for i, result := range results {
				if result.Output != outputs[i] || result.Encoding != PlainText {
					t.Fatalf("%s: output %d is %q, want %q", name, i, result.Output, outputs[i])
				}
			}
		}
	})
}

// TestOutputReaderIsTransparent decodes responses with and without extracting the outputs.
func TestOutputReaderIsTransparent(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		`"Output":`, `"output":`, `"aGVsbG8="`, `"aGVsbG8"`, `"aGV\u0073bG8="`, `"aGVs\nbG8=\n"`, `"aGVs bG8"`, `"no Base64!"`, `"a"`, `"日本"`, `"===="`, `"aGV=sbG8="`,
		"\"aGVs\nbG8=\"", `""`, `"`, `\`, `,`, `{`, `}`, `null`, `1`, `"Dropped":`, `"ErrorInfo":`, ` `, strings.Repeat("aGVsbG8h", 5000),
	})
	rapid.Check(t, func(t *rapid.T) {
		answer := `{"Invocation":{"InvocationResults":{"InvocationResult":[{"Output":` +
			strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "") + `}]}}}`
		var whole decodedResults
		wholeErr := json.UnmarshalRead(strings.NewReader(answer), &whole, lenient)
		want := whole.page()
		for name, reader := range inPieces(answer) {
			got, err := readResults(reader)
			if (err == nil) != (wholeErr == nil) {
				t.Fatalf("%s: %s: %v, and as a whole %v", name, answer, err, wholeErr)
			}
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Fatalf("%s: %s: %s", name, answer, diff)
			}
		}
	})
}

func TestOtherOutputsThanBase64(t *testing.T) {
	for text, want := range map[string]decodedText{
		`null`: {}, `""`: {"", true}, `"aGVsbG8="`: {"hello", true}, `"aGVs\nbG8=\n"`: {"hello", true}, `"aGVs bG8"`: {"hello", true},
		`"aGV\u0073bG8="`: {"hello", true}, `"no Base64!"`: {"no Base64!", false}, `"a"`: {"a", false}, `"日本"`: {"日本", false},
	} {
		o := newOutputReader(strings.NewReader(`{"Output":` + text + `}`))
		var got struct{ Output decodedText }
		err := json.UnmarshalRead(o, &got, lenient, json.WithUnmarshalers(json.UnmarshalFromFunc(o.unmarshal)))
		if err != nil || got.Output != want || len(o.outputs) > 0 {
			t.Errorf("%s is decoded as %+v, want %+v: %v", text, got.Output, want, err)
		}
	}
	for _, text := range []string{`1`, `{}`, `["a"]`, `"a`, `true`} {
		if err := json.Unmarshal([]byte(text), new(decodedText), lenient); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func BenchmarkResults(b *testing.B) {
	const size, results = 24 << 10, 50
	output, _ := jsontext.AppendQuote(nil, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a line of text\n", size/15))))
	one := `{"InstanceId":"i-1","InvokeId":"t-1","InvocationStatus":"Success","Output":` + string(output) + `,"Dropped":0}`
	answer := `{"Invocation":{"InvocationResults":{"InvocationResult":[` + strings.TrimSuffix(strings.Repeat(one+",", results), ",") + `]}}}`
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if page, err := readResults(strings.NewReader(answer)); err != nil || len(page) != results {
			b.Fatal(len(page), err)
		}
	}
}
