package cmd

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/render"
)

// jsonDocuments returns an empty document of each kind, by its name in the schema.
func jsonDocuments() map[string]render.Document {
	return map[string]render.Document{
		"run": new(render.Run), "wave": new(render.Wave), "runs": new(render.Runs), "invocations": new(render.Invocations), "results": new(render.Results),
		"instances": new(render.Instances), "commands": new(render.Commands), "settings": new(render.Settings),
		"remainder": new(render.Remainder), "sent": new(sentDocument), "preview": new(previewDocument), "stopped": new(stopDocument),
		"done": new(doneDocument), "setup": new(setupDocument), "diagnosis": new(diagnosis), "codes": new(codesDocument),
		"schedule": new(scheduleDocument), "edited": new(editedDocument), "version": new(versionDocument), "lab": new(labDocument), "labEnv": new(labEnvDocument),
		"labFaults": new(faultsDocument), "removed": new(removedDocument), "labInstances": new(labVerbDocument),
		"labDump": new(labDumpDocument), "labLog": new(labLogDocument),
		"labStatus": new(labStatusDocument), "labStop": new(labStopDocument), "labReset": new(labResetDocument),
		"activation": new(activationDocument), "activations": new(render.Activations), "activationsDone": new(activationsDocument),
		"managed": new(render.ManagedInstances), "managedDone": new(managedDocument),
	}
}

// jsonShapes returns values with the keys of everything printed as JSON: the documents, and the lines of -o ndjson that are not
// documents.
func jsonShapes() (documents, lines map[string]any) {
	documents, lines = map[string]any{"error": failure{}, "note": notice{}}, map[string]any{"event": fleet.Event{}}
	for name, document := range jsonDocuments() {
		documents[name] = render.ShapeOf(document)
		if record := document.Record(); name != "sent" && reflect.TypeOf(record) != reflect.TypeOf(document).Elem() {
			lines[name+"Line"] = record // sent files print events instead
		}
	}
	return documents, lines
}

// jsonSchema returns the schema of everything printed as JSON.
func jsonSchema() render.Schema {
	documents, lines := jsonShapes()
	return render.NewSchema(documents, lines, glossary())
}

func newSchemaCommand(a *app) *cobra.Command {
	documents, lines := jsonShapes()
	names := slices.Sorted(maps.Keys(documents))
	lineNames := slices.Sorted(maps.Keys(lines))
	return &cobra.Command{
		Use:   "schema [flags] [NAME]",
		Short: "Print the JSON Schema of all JSON output",
		Long: `Print the JSON Schema (2020-12) of everything that muster prints as JSON, or of one document or line.

Documents of -o json:
` + wrapNames(names) + `

Lines of -o ndjson that are not documents:
` + wrapNames(lineNames),
		Example: `  muster schema
  muster schema run
  muster schema event --jq '.properties | keys[]'`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: slices.Concat(names, lineNames),
		RunE: func(_ *cobra.Command, args []string) error {
			schema := jsonSchema()
			if len(args) == 0 {
				return a.print(schemaDocument(schema))
			}
			one := schema.Of(args[0])
			if one == nil {
				known := slices.Concat(names, lineNames)
				return usagef("unknown schema %q: muster schema --help lists them%s", args[0], config.DidYouMean(args[0], known))
			}
			return a.print(schemaDocument(one))
		},
	}
}

// wrapNames returns names as indented rows.
func wrapNames(names []string) string {
	const width = 100
	var text strings.Builder
	text.WriteString(" ")
	column := 1
	for i, name := range names {
		if i < len(names)-1 {
			name += ","
		}
		if column+len(" "+name) > width {
			text.WriteString("\n ")
			column = 1
		}
		text.WriteString(" " + name)
		column += len(" " + name)
	}
	return text.String()
}

// schemaDocument is a schema. It is printed as JSON in every format.
type schemaDocument map[string]any

// Records returns the document.
func (d schemaDocument) Records() iter.Seq2[any, error] { return render.Records([]schemaDocument{d}) }

// Record returns an empty document.
func (d schemaDocument) Record() any { return schemaDocument{} }

// WriteTable writes the JSON.
func (d schemaDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	if err := render.Write(&b, render.JSON, d, style); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, b.String())
	return err
}
