package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// strictSchema returns the published schema, with unknown keys as errors.
var strictSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	var text bytes.Buffer
	if err := render.Write(&text, render.JSON, schemaDocument(jsonSchema()), render.Style{}); err != nil {
		return nil, err
	}
	schema, err := jsonschema.UnmarshalJSON(&text)
	if err != nil {
		return nil, err
	}
	forbidMore(schema)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", schema); err != nil {
		return nil, err
	}
	return compiler.Compile("schema.json")
})

func forbidMore(value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["properties"] != nil && value["additionalProperties"] == nil {
			value["additionalProperties"] = false
		}
		for _, inner := range value {
			forbidMore(inner)
		}
	case []any:
		for _, inner := range value {
			forbidMore(inner)
		}
	}
}

// asSchemaSays validates the JSON that a command has printed on stdout and stderr. It skips output that the arguments transform.
func asSchemaSays(args []string, stdout, stderr string) error {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	format := ""
	if at := slices.IndexFunc(args, func(arg string) bool { return arg == "-o" || arg == "--output" }); at >= 0 && at+1 < len(args) {
		format = args[at+1]
	}
	if format != "json" && format != "ndjson" {
		return nil
	}
	var errs []error
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "{") {
			errs = append(errs, valid(line))
		}
	}
	if !slices.ContainsFunc(args, func(arg string) bool { return arg == "--jq" || arg == "--template" || arg == "schema" }) {
		errs = append(errs, valid(stdout))
	}
	return errors.Join(errs...)
}

// valid validates a sequence of JSON values.
func valid(text string) error {
	schema, err := strictSchema()
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			return err
		}
	}
}

func TestSchemaRefusesUnknownKeys(t *testing.T) {
	for _, text := range []string{`{}`, `{"Instances": null}`, `{"Runs": [{"RunId": 1}]}`, `{"Settings": [], "More": 1}`, `"line"`, `{"InvokeId": 1}`} {
		if err := asSchemaSays([]string{"run", "-o", "json"}, text, ""); err == nil {
			t.Errorf("%s is as the schema says", text)
		}
	}
	if err := asSchemaSays([]string{"config", "list", "-o", "json"}, `{"Settings": []}`, ""); err != nil {
		t.Error(err)
	}
}

// TestSchemaDescribesEverything compares the glossary with the keys that the schema looks up in it.
func TestSchemaDescribesEverything(t *testing.T) {
	documents, lines := jsonShapes()
	described, valued := render.GlossaryKeys(documents, lines)
	g := glossary()
	for key := range described {
		if g.Descriptions[key] == "" {
			t.Errorf("%s has no description", key)
		}
	}
	for key, text := range g.Descriptions {
		if !described[key] {
			t.Errorf("%s is described, and does not exist", key)
		}
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: %q is not a sentence", key, text)
		}
	}
	for _, key := range slices.Concat(slices.Collect(maps.Keys(g.Closed)), slices.Collect(maps.Keys(g.Open)), g.Times) {
		if !valued[key] {
			t.Errorf("%s has values, and does not exist", key)
		}
	}
	count := 0
	for line := range strings.Lines(schemaDescriptions) {
		if line != "\n" && !strings.HasPrefix(line, "#") {
			count++
		}
	}
	if count != len(g.Descriptions) {
		t.Errorf("%d lines describe %d keys", count, len(g.Descriptions))
	}
}

// TestSchemaIsDocumented checks that the documentation names every key of the schema.
func TestSchemaIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		words[word] = true
	}
	var walk func(schema any)
	walk = func(schema any) {
		switch schema := schema.(type) {
		case map[string]any:
			for key, inner := range schema {
				if properties, ok := inner.(map[string]any); ok && key == "properties" {
					for name := range properties {
						if !words[name] {
							t.Errorf("docs/json.md does not name %s", name)
						}
					}
				}
				walk(inner)
			}
		case []any:
			for _, inner := range schema {
				walk(inner)
			}
		}
	}
	walk(map[string]any(jsonSchema()))
}

// TestSchemaOfOne compiles the schema of each document and line, which must be self-contained.
func TestSchemaOfOne(t *testing.T) {
	documents, lines := jsonShapes()
	maps.Copy(documents, lines)
	for name := range documents {
		text, err := json.Marshal(jsonSchema().Of(name))
		if err != nil {
			t.Fatal(err)
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		id := schema.(map[string]any)["$id"].(string)
		if id != schemaID+":"+name {
			t.Errorf("%s has the id %s", name, id)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(id, schema); err != nil {
			t.Fatal(err)
		}
		if _, err := compiler.Compile(id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"Event", "more", ""} {
		if jsonSchema().Of(name) != nil {
			t.Errorf("%q has a schema", name)
		}
	}
}

// TestRecordTypes fills each document, and compares the type of its records with that of Record.
func TestRecordTypes(t *testing.T) {
	state := fleet.NewState()
	state.Targets = make([]fleet.TargetState, 1)
	run := render.NewRun(state, nil, nil)
	for name, document := range jsonDocuments() {
		switch d := document.(type) {
		case *render.Run:
			document = run
		case *sentDocument:
			d.Files = []sentFile{{Run: run}}
		default:
			fill(reflect.ValueOf(document).Elem())
		}
		want, count := reflect.TypeOf(document.Record()), 0
		for record, err := range document.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if got := reflect.Indirect(reflect.ValueOf(record)).Type(); got != want {
				t.Errorf("%s: a record is %s, and not %s", name, got, want)
			}
			count++
		}
		if count == 0 {
			t.Errorf("%s: the test makes no record", name)
		}
	}
}

// fill gives each list of a struct one element.
func fill(document reflect.Value) {
	for i := range document.NumField() {
		if list := document.Field(i); list.Kind() == reflect.Slice && list.CanSet() {
			list.Set(reflect.MakeSlice(list.Type(), 1, 1))
			if first := list.Index(0); first.Kind() == reflect.Pointer {
				first.Set(reflect.New(first.Type().Elem()))
			}
		}
	}
}
