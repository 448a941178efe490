package cmd

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/render"
	"muster/pkg/term"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

// TestGeneratedFiles compares the generated files with what the commands generate now. After a change of commands or flags, run go
// test ./cmd -run TestGeneratedFiles -update.
func TestGeneratedFiles(t *testing.T) {
	for name, want := range generated(t) {
		path := filepath.Join("..", name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: make it with go test ./cmd -run TestGeneratedFiles -update", err)
			continue
		}
		if diff := cmp.Diff(string(want), strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" {
			t.Errorf("%s is stale: go test ./cmd -run TestGeneratedFiles -update\n%s", name, diff)
		}
	}
}

// TestNoStaleGeneratedFiles finds generated files of commands that no longer exist.
func TestNoStaleGeneratedFiles(t *testing.T) {
	want := generated(t)
	for _, dir := range []string{"completions", "docs/reference", "docs/man"} {
		entries, err := os.ReadDir(filepath.Join("..", dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if name := dir + "/" + entry.Name(); want[name] == nil {
				t.Errorf("%s is not generated any more: delete it", name)
			}
		}
	}
}

func generated(t *testing.T) map[string][]byte {
	t.Helper()
	root := newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
	files := map[string][]byte{"docs/exit-codes.md": exitDocument(), "docs/coverage.md": coverageDocument(t), "docs/schema.json": schemaJSON(t)}
	names := map[string]string{"bash": "muster.bash", "zsh": "_muster", "fish": "muster.fish", "powershell": "muster.ps1"}
	for shell, write := range completionWriters(root) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		files["completions/"+names[shell]] = b.Bytes()
	}
	for name, page := range referencePages(root) {
		files["docs/reference/"+name] = []byte(page)
	}
	for name, page := range manPages(root) {
		files["docs/man/"+name] = page
	}
	return files
}

func schemaJSON(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render.Write(&b, render.JSON, schemaDocument(jsonSchema()), render.Style{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func exitDocument() []byte {
	var b bytes.Buffer
	b.WriteString("# Exit codes\n\n| code | meaning |\n|---|---|\n")
	for _, row := range exitTable() {
		fmt.Fprintf(&b, "| %d | %s |\n", row.Code, row.Meaning)
	}
	b.WriteString("\n2 is reserved for the Go runtime.\n\n" + exitNotes)
	return b.Bytes()
}

// exitNotes is the text after the table of exit codes.
const exitNotes = `The exit code is also 1 if every target succeeded, but

- an output is unknown because the service did not return it (unless --no-output is given), or
- stdout could not be written, or an expression of --jq or --template failed.

A run that ended with another code than 0 keeps that code. An error on stderr says what is missing.

## Causes

The cause says how an instance of a run ended. It is STATUS in tables and Cause in JSON, and --only of muster runs show and
muster runs rerun selects instances by it.

| cause | meaning |
|---|---|
| success | the script exited with 0 |
| exit | the script exited with another code |
| timeout | the script ran longer than its timeout |
| undelivered | the script never reached the instance |
| invalid | the instance cannot run the script |
| error | an error on the instance |
| cancelled | stopped before it started |
| terminated | stopped while it was running |
| rejected | the API refused it |
| skipped | the instance could not run it, and was left out |
| unsent | the run ended before this instance was sent to |
| unknown | not finished when the wait ended |
`
