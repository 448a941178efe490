package assist

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodedResults is a page of results whose outputs are decoded while they arrive.
type decodedResults struct {
	Invocation struct {
		NextToken         string
		InvocationResults struct{ InvocationResult List[decodedResult] }
	}
}

// decodedResult is a result with its decoded output.
type decodedResult struct {
	InvocationResult
	Output decodedText // hides the one of InvocationResult
}

func (r *decodedResults) check() error {
	for i := range r.Invocation.InvocationResults.InvocationResult {
		if err := checkResult(&r.Invocation.InvocationResults.InvocationResult[i].InvocationResult); err != nil {
			return err
		}
	}
	return nil
}

// filter extracts the outputs from a response before the rest is decoded.
func (r *decodedResults) filter(answer io.Reader) (rest io.Reader, options json.Options) {
	r.Invocation.InvocationResults.InvocationResult = make(List[decodedResult], 0, usualResults)
	o := newOutputReader(answer)
	return o, json.WithUnmarshalers(json.UnmarshalFromFunc(o.unmarshal))
}

// usualResults is the usual number of results on a page of an invocation.
const usualResults = 50

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

// decodedText is a decoded Base64 text, or another text unchanged.
type decodedText struct {
	text    string
	decoded bool
}

// UnmarshalJSONFrom decodes a string.
func (t *decodedText) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	value, err := from.ReadValue()
	if err != nil || value.Kind() == jsontext.KindNull {
		return err
	}
	text, err := jsontext.AppendUnquote(nil, value) // it also refuses other types than strings
	if err != nil {
		return err
	}
	t.text = string(text)
	if plain, err := DecodeContent(t.text, Base64); err == nil {
		t.text, t.decoded = string(plain), true
	}
	return nil
}
