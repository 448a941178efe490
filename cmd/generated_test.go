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

// TestGeneratedFiles holds the files that are made from the commands against what they are made to be now. After a
// change of commands or flags: go test ./cmd -run TestGeneratedFiles -update
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

// TestNoLeftOverFiles finds generated files whose command is gone.
func TestNoLeftOverFiles(t *testing.T) {
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
	b.WriteString("\n2 is left to the Go runtime.\n\n" + exitNotes)
	return b.Bytes()
}

// TestExitCodesInREADME holds the README's table against the one in code.
func TestExitCodesInREADME(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| code | meaning |\n|---|---|\n")
	for _, row := range exitTable() {
		fmt.Fprintf(&want, "| %d | %s |\n", row.Code, row.Meaning)
	}
	if text := strings.ReplaceAll(string(readme), "\r\n", "\n"); !strings.Contains(text, want.String()+"\n") {
		t.Errorf("the README does not have the table of exit codes as it is:\n%s", want.String())
	}
}

// exitNotes are what the table has no room for.
const exitNotes = `1 also means that every target succeeded and that outputs are unknown, because the service did not return them, unless
--no-output asks for none; or that stdout could not be written, or an expression of --jq or --template failed, after a run that
succeeded. A run that ended with another code than 0 keeps that code, and an error on stderr says what is missing.
`
