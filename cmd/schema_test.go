package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"muster/pkg/render"
)

// strictSchema is the schema as it is published, but that a key which it does not name is an error.
var strictSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	var text bytes.Buffer
	if err := render.Write(&text, render.JSON, schemaDocument(render.Schema(jsonDocuments())), render.Style{}); err != nil {
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

// asSchemaSays judges what a command has printed as JSON. Where the arguments make something else of it, it is not judged.
func asSchemaSays(args []string, stdout string) error {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	format := ""
	if at := slices.IndexFunc(args, func(arg string) bool { return arg == "-o" || arg == "--output" }); at >= 0 && at+1 < len(args) {
		format = args[at+1]
	}
	made := slices.ContainsFunc(args, func(arg string) bool { return arg == "--jq" || arg == "--template" || arg == "schema" })
	if format != "json" && format != "ndjson" || made {
		return nil
	}
	schema, err := strictSchema()
	if err != nil {
		return err
	}
	for decoder := json.NewDecoder(strings.NewReader(stdout)); ; {
		decoder.UseNumber()
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil && (format == "json" || !isRecord(value)) {
			return err
		}
	}
}

// isRecord tells a line of a list, which is described inside its document, from an event.
func isRecord(value any) bool {
	object, ok := value.(map[string]any)
	return ok && object["Event"] == nil
}

func TestSchemaRefusesWhatIsNotThere(t *testing.T) {
	for _, text := range []string{`{}`, `{"Instances": null}`, `{"Runs": [{"RunId": 1}]}`, `{"Settings": [], "More": 1}`} {
		if err := asSchemaSays([]string{"run", "-o", "json"}, text); err == nil {
			t.Errorf("%s is as the schema says", text)
		}
	}
	if err := asSchemaSays([]string{"config", "list", "-o", "json"}, `{"Settings": []}`); err != nil {
		t.Error(err)
	}
}
