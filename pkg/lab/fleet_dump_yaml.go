package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
)

// DumpedMap is a map of a [FleetDump] that keeps its order.
type DumpedMap []assist.TagPair

// Shape returns a value of a type with the same JSON.
func (DumpedMap) Shape() any { return map[string]string{} }

// MarshalJSON returns an object.
func (m DumpedMap) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(p.TagKey)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.TagValue)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object.
func (m *DumpedMap) UnmarshalJSON(text []byte) error {
	n, err := nodeOfJSON(json.NewDecoder(bytes.NewReader(text)))
	if err != nil {
		return err
	}
	if n.Kind != yaml.MappingNode {
		return errors.New("want an object")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		*m = append(*m, assist.TagPair{TagKey: n.Content[i].Value, TagValue: n.Content[i+1].Value})
	}
	return nil
}

// YAML returns the dump as a fleet file. The error says that it is too large for one.
func (d *FleetDump) YAML() (string, error) {
	n, err := nodeOf(d)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(n), encoder.Close()); err != nil {
		return "", fmt.Errorf("write the fleet file: %w", err)
	}
	if b.Len() > maxFleetFileSize {
		return "", errTooLarge()
	}
	return b.String(), nil
}

func errTooLarge() error {
	return errors.New("the lab has more than the 64 MiB of scripts and outputs that a fleet file can have")
}

// nodeOf returns the YAML of a value with the keys of its JSON.
func nodeOf(value any) (*yaml.Node, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return nodeOfJSON(decoder)
}

func nodeOfJSON(from *json.Decoder) (*yaml.Node, error) {
	token, err := from.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if token == '{' {
			n = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		}
		short := true
		for from.More() {
			child, err := nodeOfJSON(from)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
			short = short && child.Kind == yaml.ScalarNode && len(child.Value) <= 20 && child.Style == 0
		}
		if short && len(n.Content) <= 10 {
			n.Style = yaml.FlowStyle
		}
		_, err := from.Token()
		return n, err
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: token.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(token)}, nil
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: token, Style: styleOf(token)}, nil
	}
	return nil, fmt.Errorf("unexpected %v: %w", token, io.ErrUnexpectedEOF)
}

// styleOf returns the style that reads back a text unchanged: lines as they are if that is possible, and else quotes.
func styleOf(text string) yaml.Style {
	lines := false
	for _, r := range text {
		switch {
		case r == '\n':
			lines = true
		case r != '\t' && !unicode.IsGraphic(r):
			return yaml.DoubleQuotedStyle
		}
	}
	switch {
	case !lines:
		return 0
	case strings.ContainsAny(text[:1], " \t\n#"):
		return yaml.DoubleQuotedStyle
	}
	return yaml.LiteralStyle
}
