package render

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// Shaped is a document that is not written as the value that it is. Shape returns a value of a type that has its keys.
type Shaped interface{ Shape() any }

// ShapeOf returns a value of the type that has a document's keys.
func ShapeOf(document Document) any {
	if shaped, ok := document.(Shaped); ok {
		return shaped.Shape()
	}
	return document
}

// RunShape has the keys of a Run.
type RunShape struct {
	runHead
	Instances []RunInstance
	Calls     map[string]int
}

// Shape returns a RunShape.
func (r *Run) Shape() any { return RunShape{} }

// Glossary is what a schema says that the types do not. It is keyed by the names of documents, of types such as "RunInstance",
// and of keys such as "RunInstance.ExitCode", under the type that declares them.
type Glossary struct {
	ID           string // the schema's URI
	Descriptions map[string]string
	Closed       map[string][]any // all of the values
	Open         map[string][]any // values of sets that are not muster's own, and may grow
	Times        []string         // strings that are always RFC 3339
}

// Schema is a JSON Schema.
type Schema map[string]any

// NewSchema returns a JSON Schema (2020-12) of documents and of lines: of any one of them, and of each by its name under $defs.
// A value stands for its type.
func NewSchema(documents, lines map[string]any, glossary Glossary) Schema {
	return newSchemaWriter(glossary).whole(documents, lines)
}

// GlossaryKeys returns the keys that the schema of documents and lines asks a glossary for: those of descriptions, and those of
// values.
func GlossaryKeys(documents, lines map[string]any) (descriptions, values map[string]bool) {
	s := newSchemaWriter(Glossary{})
	s.whole(documents, lines)
	return s.askedDescriptions, s.askedValues
}

const refPrefix = "#/$defs/"

// Of returns the schema of one document or line, with the definitions that it needs; nil if there is none of that name.
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

// collect adds the definitions that a schema refers to, and those that they refer to.
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

// schemaWriter collects the definitions of types by their names.
type schemaWriter struct {
	Glossary
	defs  map[string]any
	types map[string]reflect.Type

	askedDescriptions, askedValues map[string]bool // the keys that were looked up in the glossary
}

func newSchemaWriter(glossary Glossary) *schemaWriter {
	return &schemaWriter{
		Glossary: glossary, defs: map[string]any{}, types: map[string]reflect.Type{},
		askedDescriptions: map[string]bool{}, askedValues: map[string]bool{},
	}
}

// whole returns the schema of any of the documents and lines.
func (s *schemaWriter) whole(documents, lines map[string]any) Schema {
	for name, document := range documents {
		s.defs[name] = s.described(s.object(base(reflect.TypeOf(document))), name)
	}
	for name, line := range lines {
		s.defs[name] = s.described(s.of(base(reflect.TypeOf(line))), name)
	}
	anyOf := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.defs)) {
		if documents[name] != nil || lines[name] != nil {
			s.defs[name].(map[string]any)["title"] = name
			anyOf = append(anyOf, map[string]any{"$ref": refPrefix + name})
		}
	}
	return s.described(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": s.ID, "title": "muster", "anyOf": anyOf, "$defs": s.defs,
	}, "muster")
}

func base(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func (s *schemaWriter) described(schema map[string]any, key string) map[string]any {
	s.askedDescriptions[key] = true
	if text := s.Descriptions[key]; text != "" {
		schema["description"] = text
	}
	return schema
}

// of returns the schema of a type. Structs, and the types that are written in a way of their own, are defined once.
func (s *schemaWriter) of(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "contentEncoding": "base64"}
	case reflect.TypeFor[Counts]():
		return s.define(t, s.counts)
	case reflect.TypeFor[fleet.Output]():
		return s.define(t, s.output)
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := s.of(t.Elem())
		if kind, ok := inner["type"].(string); ok {
			inner["type"] = []any{kind, "null"}
		}
		return inner
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		return s.define(t, func() map[string]any { return s.object(t) })
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return map[string]any{"type": "integer"}
	}
	text := map[string]any{"type": "string"}
	s.values(text, title(t.Name()))
	return text
}

// define returns a reference to the definition of a type. It panics if another type has the same name.
func (s *schemaWriter) define(t reflect.Type, write func() map[string]any) map[string]any {
	name := title(t.Name())
	switch s.types[name] {
	case nil:
		s.types[name] = t // first, so that a type that contains itself ends
		s.defs[name] = s.described(write(), name)
	case t:
	default:
		panic(fmt.Sprintf("schema: %s and %s have the same name", s.types[name], t))
	}
	return map[string]any{"$ref": refPrefix + name}
}

// values adds what is known of the values of a type or a key.
func (s *schemaWriter) values(schema map[string]any, key string) {
	s.askedValues[key] = true
	if all := s.Closed[key]; all != nil {
		schema["enum"] = all
	}
	if some := s.Open[key]; some != nil {
		schema["examples"] = some
	}
}

// title returns a name with a capital, as exported types have it.
func title(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func (s *schemaWriter) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []any{}
	s.fields(t, properties, &required)
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// fields adds a struct's keys, with those of the structs that are embedded in it.
func (s *schemaWriter) fields(t reflect.Type, properties map[string]any, required *[]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			s.fields(f.Type, properties, required)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		if !optional {
			*required = append(*required, name)
		}
		properties[name] = s.property(f.Type, title(t.Name())+"."+name, optional)
	}
}

// property returns the schema of a key's value. One that is left out where there is none is never null.
func (s *schemaWriter) property(t reflect.Type, key string, optional bool) map[string]any {
	if optional {
		t = base(t)
	}
	property := s.of(t)
	s.values(property, key)
	if slices.Contains(s.Times, key) {
		text := property
		if items, ok := property["items"].(map[string]any); ok {
			text = items
		}
		text["format"] = "date-time"
	}
	return s.described(property, key)
}

// counts is the schema of Counts.
func (s *schemaWriter) counts() map[string]any {
	properties, required := map[string]any{}, []any{"Total"}
	for _, cause := range fleet.Causes() {
		required = append(required, string(cause))
	}
	for _, name := range required {
		count := map[string]any{"type": "integer", "minimum": 0}
		properties[name.(string)] = s.described(count, "Counts."+name.(string))
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// output is the schema of an output: text, or bytes that are no text.
func (s *schemaWriter) output() map[string]any {
	encoded := s.property(reflect.TypeFor[[]byte](), "Output.Base64", false)
	return map[string]any{"oneOf": []any{
		map[string]any{"type": "string"},
		map[string]any{"type": "object", "properties": map[string]any{"Base64": encoded}, "required": []any{"Base64"}},
	}}
}
