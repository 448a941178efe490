package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Format is a form of output.
type Format string

// The formats.
const (
	Table  Format = "table"
	JSON   Format = "json"
	NDJSON Format = "ndjson"
	YAML   Format = "yaml"
)

// Formats are the names of all formats.
func Formats() []string {
	return []string{string(Table), string(JSON), string(NDJSON), string(YAML)}
}

// Document is what one command prints.
type Document interface {
	// Records are the lines of NDJSON.
	Records() []any
	// WriteTable writes the document for people.
	WriteTable(w io.Writer, style Style) error
}

// Write writes a document in a format.
func Write(w io.Writer, format Format, document Document, style Style) error {
	switch format {
	case Table:
		return document.WriteTable(w, style)
	case JSON:
		return writeJSON(w, document, "  ")
	case NDJSON:
		for _, record := range document.Records() {
			if err := writeJSON(w, record, ""); err != nil {
				return err
			}
		}
		return nil
	case YAML:
		return writeYAML(w, document)
	}
	return fmt.Errorf("unknown output format %q: want one of %s", format, strings.Join(Formats(), ", "))
}

// Line writes one value as a line of JSON.
func Line(w io.Writer, value any) error { return writeJSON(w, value, "") }

func writeJSON(w io.Writer, value any, indent string) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	return encoder.Encode(value)
}

// writeYAML goes by way of JSON, which is YAML too: the keys, their order and what is left out are the same then.
func writeYAML(w io.Writer, value any) error {
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
