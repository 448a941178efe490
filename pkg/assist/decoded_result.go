package assist

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// decodedResults is a page of results whose outputs are decoded as they are read.
type decodedResults struct {
	Invocation struct {
		NextToken         string
		InvocationResults struct{ InvocationResult List[decodedResult] }
	}
}

// decodedResult is a result with its output as the script wrote it.
type decodedResult struct {
	InvocationResult
	Output decodedText // instead of InvocationResult's
}

func (r *decodedResults) check() error {
	for i := range r.Invocation.InvocationResults.InvocationResult {
		if err := checkResult(&r.Invocation.InvocationResults.InvocationResult[i].InvocationResult); err != nil {
			return err
		}
	}
	return nil
}

// page returns the results.
func (r *decodedResults) page() []InvocationResult {
	page := make([]InvocationResult, len(r.Invocation.InvocationResults.InvocationResult))
	for i := range page {
		one := &r.Invocation.InvocationResults.InvocationResult[i]
		page[i], page[i].Output, page[i].Encoding = one.InvocationResult, one.Output.text, PlainText
		if !one.Output.decoded {
			page[i].Encoding = Base64
		}
		*one = decodedResult{}
	}
	return page
}

// decodedText is a text in Base64, decoded where it is that.
type decodedText struct {
	text    string
	decoded bool
}

// UnmarshalJSONFrom decodes the text out of the answer's own bytes.
func (t *decodedText) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	value, err := from.ReadValue()
	if err != nil || value.Kind() == jsontext.KindNull {
		return err
	}
	if value.Kind() == jsontext.KindString {
		if t.text, t.decoded = decodePlainly(value[1 : len(value)-1]); t.decoded {
			return nil
		}
	}
	text, err := jsontext.AppendUnquote(nil, value) // also refuses what is no text
	if err != nil {
		return err
	}
	t.text = string(text)
	if plain, err := DecodeContent(t.text, Base64); err == nil {
		t.text, t.decoded = string(plain), true
	}
	return nil
}

// decodePlainly decodes Base64 that has nothing else in it, piece by piece, so that the text is copied once.
func decodePlainly(text []byte) (plain string, ok bool) {
	var room [3 << 10]byte
	var b strings.Builder
	text = bytes.TrimRight(text, "=")
	b.Grow(base64.RawStdEncoding.DecodedLen(len(text)))
	for piece := range slices.Chunk(text, base64.StdEncoding.EncodedLen(len(room))) {
		n, err := base64.RawStdEncoding.Decode(room[:], piece)
		if err != nil || n != base64.RawStdEncoding.DecodedLen(len(piece)) {
			return "", false
		}
		b.Write(room[:n])
	}
	return b.String(), true
}
