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

// Decode reads one JSON value. Whole numbers become int, or *big.Int where they do not fit; others stay json.Number, so that
// they are written as they came.
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
		return nil, errors.New("something follows the value")
	}
	return exact(value), nil
}

// Encode returns the JSON of a value in one line, as jq writes it.
func Encode(value any) []byte {
	text, _ := gojq.Marshal(value) // which has no errors
	return text
}

// exact replaces the whole numbers in a value, in place.
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

// literalNumber is _literal: the number that a text is, which keeps its zeros at the end, as in JSON; null for other texts.
func literalNumber(value any, _ []any) any {
	if text, ok := value.(string); ok && plainNumber().MatchString(text) {
		return number(json.Number(text))
	}
	return nil
}
