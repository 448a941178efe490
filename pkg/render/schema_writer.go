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

// of returns the schema of a type. Structs, and types with their own encoding, are defined once.
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
	if shaped, ok := reflect.Zero(t).Interface().(Shaped); ok && t.Kind() != reflect.Pointer {
		return s.of(reflect.TypeOf(shaped.Shape()))
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

// values adds the known values of a type or a key.
func (s *schemaWriter) values(schema map[string]any, key string) {
	s.askedValues[key] = true
	if all := s.Closed[key]; all != nil {
		schema["enum"] = all
	}
	if some := s.Open[key]; some != nil {
		schema["examples"] = some
	}
}

// title returns a name with a capital, like those of exported types.
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

// fields adds a struct's keys, including those of embedded structs.
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

// property returns the schema of a key's value. An optional value is omitted instead of null.
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

// counts returns the schema of Counts.
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

// output returns the schema of an output: text, or bytes that are not text.
func (s *schemaWriter) output() map[string]any {
	encoded := s.property(reflect.TypeFor[[]byte](), "Output.Base64", false)
	return map[string]any{"oneOf": []any{
		map[string]any{"type": "string"},
		map[string]any{"type": "object", "properties": map[string]any{"Base64": encoded}, "required": []any{"Base64"}},
	}}
}
