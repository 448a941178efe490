package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// writeYAML goes by way of JSON, which is YAML too: the keys, their order and what is left out are the same then.
func writeYAML(w io.Writer, value any) error {
	if parted, ok := value.(Parted); ok {
		return writePartsYAML(w, parted.Parts())
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return fmt.Errorf("turn JSON into YAML: %w", err)
	}
	plain(&node)
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(&node); err != nil {
		return err
	}
	return encoder.Close()
}

// writePartsYAML writes an object. That its structs have keys is not asked: an empty one would be a {} amidst them.
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
		if err := writeYAML(&margined{w: w, first: "  - ", rest: "    "}, item); err != nil {
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

// margined puts a margin before each line that is not empty, and another one before the first.
type margined struct {
	w           io.Writer
	first, rest string
	inLine      bool
}

func (m *margined) Write(text []byte) (int, error) {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		if !m.inLine && len(line) > 1 {
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

// plain takes JSON's quotes and braces away. The encoder quotes again what needs it, and a text of several lines becomes
// a block.
func plain(node *yaml.Node) {
	if len(node.Content) > 0 || node.Kind == yaml.ScalarNode {
		node.Style = 0
	}
	if node.Kind == yaml.ScalarNode && node.Tag == "!!str" && strings.Contains(node.Value, "\n") {
		node.Style = yaml.LiteralStyle
	}
	for _, child := range node.Content {
		plain(child)
	}
}
