package cmd

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// jsonDocuments are the types of all that is printed as JSON, by the names that the schema has for them.
func jsonDocuments() map[string]any {
	return map[string]any{
		"run": render.RunShape{}, "runs": render.Runs{}, "invocations": render.Invocations{}, "results": render.Results{},
		"instances": render.Instances{}, "commands": render.Commands{}, "settings": render.Settings{},
		"event": fleet.Event{}, "remainder": render.Remainder{}, "error": failure{},
		"sent": struct{ Files []sentShape }{}, "preview": previewDocument{}, "stopped": stopDocument{}, "done": doneDocument{},
		"setup": setupDocument{}, "diagnosis": diagnosis{}, "codes": codesDocument{}, "schedule": scheduleDocument{}, "version": versionDocument{},
		"lab": labDocument{}, "labEnv": labEnvDocument{}, "labFaults": faultsDocument{}, "labInstances": labVerbDocument{},
	}
}

// sentShape is a sent file's JSON as one type.
type sentShape struct {
	Name      string
	TargetDir string
	render.RunShape
}

func newSchemaCommand(a *app) *cobra.Command {
	names := slices.Sorted(maps.Keys(jsonDocuments()))
	return &cobra.Command{
		Use:   "schema [flags] [DOCUMENT]",
		Short: "Print the JSON Schema of what muster prints as JSON",
		Long: `Print the JSON Schema (2020-12) of all documents that muster prints with -o json and -o ndjson, or of one of them:
` + joinOr(names) + `.`,
		Example: `  muster schema
  muster schema run
  muster schema event --jq '.properties | keys[]'`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			schema := render.Schema(jsonDocuments())
			if len(args) == 0 {
				return a.print(schemaDocument(schema))
			}
			if jsonDocuments()[args[0]] == nil {
				return usagef("%q: want %s", args[0], joinOr(names))
			}
			delete(schema, "anyOf")
			maps.Copy(schema, schema["$defs"].(map[string]any)[args[0]].(map[string]any))
			schema["title"] = args[0]
			return a.print(schemaDocument(schema))
		},
	}
}

// schemaDocument is a schema, which is JSON for people too.
type schemaDocument map[string]any

// Records is the one document.
func (d schemaDocument) Records() iter.Seq2[any, error] { return render.Records([]schemaDocument{d}) }

// WriteTable writes the JSON.
func (d schemaDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	if err := render.Write(&b, render.JSON, d, style); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}
