package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Output is the output of a script: any bytes, usually text.
type Output string

// OutputKey identifies an output that is stored elsewhere. Equal outputs have equal keys. The zero key is that of the empty
// output.
type OutputKey [16]byte

// Outputs returns outputs by their keys.
type Outputs interface {
	// Output returns the output of a key. The output of the zero key is empty.
	Output(OutputKey) (Output, error)
}

// Key returns the key of the output, a part of its SHA-256.
func (o Output) Key() OutputKey {
	if o == "" {
		return OutputKey{}
	}
	hash := sha256.New()
	piece := make([]byte, min(len(o), 1024)) // hashing the whole string would copy it
	for rest := o; rest != ""; {
		n := copy(piece, rest)
		hash.Write(piece[:n])
		rest = rest[n:]
	}
	return OutputKey(hash.Sum(piece[:0])[:len(OutputKey{})])
}

// Text returns the output as text; ok is false if it is not valid UTF-8.
func (o Output) Text() (text string, ok bool) { return string(o), utf8.ValidString(string(o)) }

// MarshalJSONTo writes text as a string, and other bytes as {"Base64": …}.
func (o Output) MarshalJSONTo(to *jsontext.Encoder) error {
	if text, ok := o.Text(); ok {
		return to.WriteToken(jsontext.String(text))
	}
	return json.MarshalEncode(to, outputBytes{[]byte(o)})
}

// UnmarshalJSONFrom reads what [Output.MarshalJSONTo] writes.
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

// MarshalJSON is [Output.MarshalJSONTo] for encoding/json.
func (o Output) MarshalJSON() ([]byte, error) { return json.Marshal(o) }

// UnmarshalJSON is [Output.UnmarshalJSONFrom] for encoding/json.
func (o *Output) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, o) }

// MarshalText returns the key in hexadecimal digits.
func (k OutputKey) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads what [OutputKey.MarshalText] writes.
func (k *OutputKey) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		return fmt.Errorf("invalid output key %q", text)
	}
	*k = OutputKey(raw)
	return nil
}
