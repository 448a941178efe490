package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Output is what a script wrote: any bytes, mostly text.
type Output string

// OutputKey stands for an output where that is kept elsewhere: the same for the same bytes. The zero key is that of no output.
type OutputKey [16]byte

// Outputs has the outputs that a state has the keys of.
type Outputs interface {
	// Output gives the output of a key. That of the zero key is empty.
	Output(OutputKey) (Output, error)
}

// Key is a part of the output's SHA-256.
func (o Output) Key() OutputKey {
	if o == "" {
		return OutputKey{}
	}
	hash := sha256.New()
	piece := make([]byte, min(len(o), 1024)) // the whole would be copied
	for rest := o; rest != ""; {
		n := copy(piece, rest)
		hash.Write(piece[:n])
		rest = rest[n:]
	}
	return OutputKey(hash.Sum(piece[:0])[:len(OutputKey{})])
}

// Text is the output where it is valid UTF-8; ok is false where it is not.
func (o Output) Text() (text string, ok bool) { return string(o), utf8.ValidString(string(o)) }

// MarshalJSONTo writes text as a string, and bytes that are no text as {"Base64": …}.
func (o Output) MarshalJSONTo(to *jsontext.Encoder) error {
	if text, ok := o.Text(); ok {
		return to.WriteToken(jsontext.String(text))
	}
	return json.MarshalEncode(to, outputBytes{[]byte(o)})
}

// UnmarshalJSONFrom reads what MarshalJSONTo writes.
func (o *Output) UnmarshalJSONFrom(from *jsontext.Decoder) error {
	if from.PeekKind() == jsontext.KindString {
		token, err := from.ReadToken()
		*o = Output(token.String())
		return err
	}
	var raw outputBytes
	err := json.UnmarshalDecode(from, &raw)
	*o = Output(raw.Base64)
	return err
}

type outputBytes struct{ Base64 []byte }

// MarshalJSON is MarshalJSONTo for encoding/json.
func (o Output) MarshalJSON() ([]byte, error) { return json.Marshal(o) }

// UnmarshalJSON is UnmarshalJSONFrom for encoding/json.
func (o *Output) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, o) }

// MarshalText writes the key in hexadecimal digits.
func (k OutputKey) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads what MarshalText writes.
func (k *OutputKey) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		return fmt.Errorf("%q is no output's key", text)
	}
	*k = OutputKey(raw)
	return nil
}
