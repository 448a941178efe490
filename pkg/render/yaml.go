package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// YAMLWriter is a document whose YAML has more than its JSON, such as comments. WriteYAML writes characters that a terminal interprets
// in double quotes only, where [Write] escapes them.
type YAMLWriter interface{ WriteYAML(w io.Writer) error }

// writeYAML converts a value through its JSON, so that both have the same keys in the same order.
func writeYAML(w io.Writer, value any) error {
	if own, ok := value.(YAMLWriter); ok {
		return own.WriteYAML(w)
	}
	if parted, ok := value.(Parted); ok {
		return writePartsYAML(w, parted.Parts())
	}
	var text bytes.Buffer
	if err := writeJSON(&text, value, ""); err != nil {
		return err
	}
	node, err := yamlNode(jsontext.NewDecoder(&text))
	if err != nil {
		return fmt.Errorf("convert JSON to YAML: %w", err)
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return err
	}
	return encoder.Close()
}

// yamlNode reads one value.
func yamlNode(from *jsontext.Decoder) (*yaml.Node, error) {
	token, err := from.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case jsontext.KindBeginObject:
		return yamlNodes(from, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
	case jsontext.KindBeginArray:
		return yamlNodes(from, &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"})
	case jsontext.KindString:
		return yamlString(token.String()), nil
	case jsontext.KindNumber:
		return yamlNumber(token.String()), nil
	case jsontext.KindNull:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: token.String()}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: token.String()}, nil
	}
}

// yamlNumber returns a number of JSON in the form of YAML 1.1, where a number with an exponent has a fraction, too.
func yamlNumber(text string) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: text}
	if strings.ContainsAny(text, ".eE") {
		node.Tag = "!!float"
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 && !strings.Contains(text, ".") {
		node.Value = text[:at] + ".0" + text[at:]
	}
	return node
}

// yamlNodes reads the content of an object or an array.
func yamlNodes(from *jsontext.Decoder, node *yaml.Node) (*yaml.Node, error) {
	for from.PeekKind() != jsontext.KindEndObject && from.PeekKind() != jsontext.KindEndArray {
		child, err := yamlNode(from)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	if len(node.Content) == 0 {
		node.Style = yaml.FlowStyle
	}
	_, err := from.ReadToken()
	return node, err
}

// writePartsYAML writes an object. Its structs must have keys, because an empty one would be written as {}.
func writePartsYAML(w io.Writer, parts Parts) error {
	for _, s := range parts.Before {
		if err := writeYAML(w, s); err != nil {
			return err
		}
	}
	empty := true
	for item, err := range parts.List {
		if err != nil {
			return err
		}
		if empty {
			if _, err := io.WriteString(w, parts.Name+":\n"); err != nil {
				return err
			}
		}
		empty = false
		if err := writeYAML(&indenter{w: w, first: "  - ", rest: "    "}, item); err != nil {
			return err
		}
	}
	if empty {
		if _, err := io.WriteString(w, parts.Name+": []\n"); err != nil {
			return err
		}
	}
	for _, s := range parts.After {
		if err := writeYAML(w, s); err != nil {
			return err
		}
	}
	return nil
}

// indenter indents each line that is not empty, the first one differently.
type indenter struct {
	w           io.Writer
	first, rest string
	inLine      bool
}

func (m *indenter) Write(text []byte) (int, error) {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		if !m.inLine && line[0] != '\n' {
			b.WriteString(m.first)
			m.first = m.rest
		}
		b.Write(line)
		m.inLine = line[len(line)-1] != '\n'
	}
	if _, err := m.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(text), nil
}
