package fleet

import (
	"encoding/json"
	"unicode/utf8"
)

// Output is what a script wrote: any bytes, mostly text.
type Output string

// Text is the output where it is valid UTF-8; ok is false where it is not.
func (o Output) Text() (text string, ok bool) { return string(o), utf8.ValidString(string(o)) }

// MarshalJSON writes text as a string, and bytes that are no text as {"Base64": …}.
func (o Output) MarshalJSON() ([]byte, error) {
	if text, ok := o.Text(); ok {
		return json.Marshal(text)
	}
	return json.Marshal(struct{ Base64 []byte }{[]byte(o)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Output) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*o = Output(text)
		return nil
	}
	var raw struct{ Base64 []byte }
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*o = Output(raw.Base64)
	return nil
}
