package jq

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"regexp"
	"strings"
	"sync"

	"github.com/itchyny/gojq"
)

// Decode decodes a single JSON value. A whole number becomes an int, or a *big.Int if it does not fit. Other numbers become a
// json.Number, which keeps their format.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected content after the value")
	}
	return exact(value), nil
}

// Encode returns the JSON of a value on a single line, as jq writes it.
func Encode(value any) []byte {
	text, _ := gojq.Marshal(value) // it returns no errors
	return text
}

// exact converts the whole numbers in a value, in place.
func exact(value any) any {
	switch v := value.(type) {
	case json.Number:
		return number(v)
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exact(v[key])
		}
	}
	return value
}

func number(n json.Number) any {
	text := string(n)
	if text == "-0" || strings.ContainsAny(text, ".eE") {
		return n
	}
	if whole, err := n.Int64(); err == nil && int64(int(whole)) == whole {
		return int(whole)
	}
	if whole, ok := new(big.Int).SetString(text, 10); ok {
		return whole
	}
	return n
}

var plainNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`) })

// literalNumber implements _literal: it converts a text to a number, which keeps trailing zeros. It returns null for other texts.
func literalNumber(value any, _ []any) any {
	if text, ok := value.(string); ok && plainNumber().MatchString(text) {
		return number(json.Number(text))
	}
	return nil
}
