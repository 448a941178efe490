package render

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// RunShape is a run's JSON as one type, for its schema: a Run is written by its parts.
type RunShape struct {
	runHead
	Instances []RunInstance
	Calls     map[string]int
}

// Schema makes a JSON Schema (2020-12) of documents: any one of them, and each by its name under $defs. A document's value
// stands for its type.
func Schema(documents map[string]any) map[string]any {
	s := schema{}
	one := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		s[name] = s.object(reflect.TypeOf(documents[name]))
		one = append(one, map[string]any{"$ref": "#/$defs/" + name})
	}
	return map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "muster's JSON", "anyOf": one, "$defs": map[string]any(s)}
}

// schema collects the definitions of named types.
type schema map[string]any

// of is the schema of a type. A type with a name of its own is defined once.
func (s schema) of(t reflect.Type) map[string]any {
	switch t {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[Counts]():
		return s.counts()
	case reflect.TypeFor[fleet.Cause]():
		causes := []string{""}
		for _, cause := range fleet.Causes() {
			causes = append(causes, string(cause))
		}
		return map[string]any{"type": "string", "enum": causes}
	case reflect.TypeFor[fleet.Output]():
		return map[string]any{"oneOf": []any{
			map[string]any{"type": "string"},
			map[string]any{"type": "object", "properties": map[string]any{"Base64": s.of(reflect.TypeFor[[]byte]())}, "required": []string{"Base64"}},
		}}
	case reflect.TypeFor[[]byte]():
		return map[string]any{"type": "string", "contentEncoding": "base64"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := s.of(t.Elem())
		if kind, ok := inner["type"].(string); ok && t.Elem().Kind() != reflect.Struct {
			inner["type"] = []string{kind, "null"}
		}
		return inner
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		if t.Name() == "" {
			return s.object(t)
		}
		name := title(t.Name())
		if s[name] == nil {
			s[name] = map[string]any{} // so that a type that has itself inside ends
			s[name] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "string"}
}

// title has exported and unexported types alike begin with a capital.
func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func (s schema) object(t reflect.Type) map[string]any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	properties, required := map[string]any{}, []string{}
	s.fields(t, properties, &required)
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// fields adds a struct's keys, with those of the structs that are embedded in it.
func (s schema) fields(t reflect.Type, properties map[string]any, required *[]string) {
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
		properties[name] = s.of(f.Type)
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			*required = append(*required, name)
		}
	}
}

func (s schema) counts() map[string]any {
	properties, required := map[string]any{}, []string{"Total"}
	for _, cause := range fleet.Causes() {
		required = append(required, string(cause))
	}
	for _, name := range required {
		properties[name] = map[string]any{"type": "integer", "minimum": 0}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}
