package render

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type schemaTree struct {
	Name     string
	Size     *int64 // null if there is none
	Optional *int64 `json:",omitempty"`
	When     string `json:"at"`
	Seen     []time.Time
	Kind     schemaKind
	Children []schemaTree
	Hidden   bool `json:"-"`
}

type schemaKind string

type schemaForest struct{ Trees []schemaTree }

func schemaOfForest() Schema {
	return NewSchema(map[string]any{"forest": new(schemaForest)}, map[string]any{"forestLine": schemaTree{}}, Glossary{
		ID:           "urn:test",
		Descriptions: map[string]string{"SchemaTree": "A tree.", "SchemaTree.Name": "Its name.", "forestLine": "A line."},
		Closed:       map[string][]any{"SchemaKind": {"oak", "elm"}},
		Open:         map[string][]any{"SchemaTree.Name": {"Yggdrasil"}},
		Times:        []string{"SchemaTree.at"},
	})
}

const treeProperties = `{
	"Name": {"type": "string", "description": "Its name.", "examples": ["Yggdrasil"]},
	"Size": {"type": ["integer", "null"]},
	"Optional": {"type": "integer"},
	"at": {"type": "string", "format": "date-time"},
	"Seen": {"type": "array", "items": {"type": "string", "format": "date-time"}},
	"Kind": {"type": "string", "enum": ["oak", "elm"]},
	"Children": {"type": "array", "items": {"$ref": "#/$defs/SchemaTree"}}
}`

const treeRequired = `["Name", "Size", "at", "Seen", "Kind", "Children"]`

func TestSchemaOfTypes(t *testing.T) {
	tree := `{"type": "object", "description": "A tree.", "properties": ` + treeProperties + `, "required": ` + treeRequired + `}`
	want := `{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:test", "title": "muster",
		"anyOf": [{"$ref": "#/$defs/forest"}, {"$ref": "#/$defs/forestLine"}],
		"$defs": {
			"forest": {"type": "object", "title": "forest", "properties": {"Trees": {"type": "array", "items": {"$ref": "#/$defs/SchemaTree"}}}, "required": ["Trees"]},
			"forestLine": {"$ref": "#/$defs/SchemaTree", "title": "forestLine", "description": "A line."},
			"SchemaTree": ` + tree + `
		}
	}`
	sameJSON(t, want, schemaOfForest())
	sameJSON(t, `{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:test:forestLine", "title": "forestLine",
		"description": "A line.", "type": "object", "properties": `+treeProperties+`, "required": `+treeRequired+`,
		"$defs": {"SchemaTree": `+tree+`}
	}`, schemaOfForest().Of("forestLine"))
	for _, name := range []string{"SchemaTree", "more", ""} {
		if got := schemaOfForest().Of(name); got != nil {
			t.Errorf("%q has a schema: %v", name, got)
		}
	}
}

func sameJSON(t *testing.T, want string, schema Schema) {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var values [2]any
	for i, text := range []string{want, string(text)} {
		if err := json.Unmarshal([]byte(text), &values[i]); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(values[0], values[1]); diff != "" {
		t.Error(diff)
	}
}

// TestSchemaRefusesTheSameName expects a panic: one definition of two types would be wrong for one of them.
func TestSchemaRefusesTheSameName(t *testing.T) {
	type schemaTree struct{ Other int }
	defer func() {
		if recover() == nil {
			t.Error("two types have one definition")
		}
	}()
	NewSchema(map[string]any{"forest": schemaForest{}}, map[string]any{"forestLine": schemaTree{}}, Glossary{})
}
