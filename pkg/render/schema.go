package render

import (
	"maps"
	"strings"
)

// Shaped is a document, or a part of one, that is not written as its own value. Shape returns a value of a type with the keys that are written.
type Shaped interface{ Shape() any }

// ShapeOf returns a value of the type that has a document's keys.
func ShapeOf(document Document) any {
	if shaped, ok := document.(Shaped); ok {
		return shaped.Shape()
	}
	return document
}

// Glossary has what a schema says beyond the types. Its keys are the names of documents, of types such as "RunInstance", and of
// keys such as "RunInstance.ExitCode", under the type that declares them.
type Glossary struct {
	ID           string // the schema's URI
	Descriptions map[string]string
	Closed       map[string][]any // all possible values
	Open         map[string][]any // values of sets that muster does not define, and that may grow
	Times        []string         // strings that are always RFC 3339
}

// Schema is a JSON Schema.
type Schema map[string]any

// NewSchema returns a JSON Schema (2020-12) of documents and of lines: of any one of them, and of each by its name under $defs.
// Each value stands for its type.
func NewSchema(documents, lines map[string]any, glossary Glossary) Schema {
	return newSchemaWriter(glossary).whole(documents, lines)
}

// GlossaryKeys returns the keys that the schema of documents and lines looks up in a glossary: those of descriptions, and those
// of values.
func GlossaryKeys(documents, lines map[string]any) (descriptions, values map[string]bool) {
	s := newSchemaWriter(Glossary{})
	s.whole(documents, lines)
	return s.askedDescriptions, s.askedValues
}

const refPrefix = "#/$defs/"

// Of returns the schema of one document or line, with the definitions that it needs, or nil if there is none of that name.
func (s Schema) Of(name string) Schema {
	defs := s["$defs"].(map[string]any)
	one, ok := defs[name].(map[string]any)
	if !ok || one["title"] != name {
		return nil
	}
	schema := Schema{"$schema": s["$schema"], "$id": s["$id"].(string) + ":" + name}
	if ref, ok := one["$ref"].(string); ok {
		maps.Copy(schema, defs[strings.TrimPrefix(ref, refPrefix)].(map[string]any))
	}
	maps.Copy(schema, one)
	delete(schema, "$ref")
	needed := map[string]any{}
	collect(map[string]any(schema), defs, needed)
	if len(needed) > 0 {
		schema["$defs"] = needed
	}
	return schema
}

// collect adds the definitions that a schema refers to, directly or indirectly.
func collect(schema any, defs, needed map[string]any) {
	switch schema := schema.(type) {
	case map[string]any:
		if ref, ok := schema["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, refPrefix)
			if needed[name] == nil {
				needed[name] = defs[name]
				collect(defs[name], defs, needed)
			}
		}
		for _, inner := range schema {
			collect(inner, defs, needed)
		}
	case []any:
		for _, inner := range schema {
			collect(inner, defs, needed)
		}
	}
}
