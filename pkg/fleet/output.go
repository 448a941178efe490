package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"
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
	piece := make([]byte, min(len(o), 4096)) // the whole would be copied
	for rest := o; rest != ""; {
		n := copy(piece, rest)
		hash.Write(piece[:n])
		rest = rest[n:]
	}
	return OutputKey(hash.Sum(piece[:0])[:len(OutputKey{})])
}

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
