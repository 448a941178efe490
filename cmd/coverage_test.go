package cmd

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"muster/pkg/term"
)

func TestCoverageHasNoEmptyCell(t *testing.T) {
	all := readCoverage(t)
	counts := map[string]int{}
	for _, c := range all {
		for _, kind := range c.kinds() {
			counts[kind.name] += len(kind.rows)
			seen := map[string]bool{}
			for _, row := range kind.rows {
				if seen[row.Item] {
					t.Errorf("%s, %s: %q is there twice", c.name(), kind.name, row.Item)
				}
				seen[row.Item] = true
				cells := []string{row.Item, row.Where, row.Lab, row.Test}
				if kind.name == "Error codes" {
					cells = append(cells, row.Message)
				}
				for _, text := range cells {
					if text == "" || strings.TrimSpace(text) != text || strings.ContainsAny(text, "\n@") {
						t.Errorf("%s, %s: a cell of %q is %q", c.name(), kind.name, row.Item, text)
					}
				}
			}
		}
	}
	want := map[string]int{"Parameters": 78, "Response fields": 38, "States": 32, "Rules": 215, "Error codes": 200}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("a row was lost, or one is new and to be counted: %s", diff)
	}
}

// knownTests returns the names of all tests, such as cmd.TestLinks and cmd.TestScripts/follow.
func knownTests(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	files, err := filepath.Glob(filepath.Join("..", "*", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"*/*/*_test.go", "*/*/*/*_test.go"} {
		more, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range function.FindAllStringSubmatch(string(source), -1) {
			known[filepath.Base(filepath.Dir(file))+"."+match[1]] = true
		}
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		known["cmd.TestScripts/"+strings.TrimSuffix(filepath.Base(script), ".txtar")] = true
	}
	return known
}

func TestCoverageNamesTests(t *testing.T) {
	known := knownTests(t)
	for _, c := range readCoverage(t) {
		for _, kind := range c.kinds() {
			for _, row := range kind.rows {
				for name := range strings.SplitSeq(row.Test, ", ") {
					if !known[name] {
						t.Errorf("%s, %s, %s: there is no test %s", c.name(), kind.name, row.Item, name)
					}
				}
			}
		}
	}
}

// TestCoverageHasEveryDocumentedError compares the errors with the catalogue's copy of the documents' tables.
func TestCoverageHasEveryDocumentedError(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "pkg", "assist", "catalogue", "testdata", "documents.json"))
	if err != nil {
		t.Fatal(err)
	}
	type documented struct {
		Code    string
		Status  int
		Message string
	}
	var documents []struct {
		Action string
		Year   int
		Errors []documented
	}
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatal(err)
	}
	all := readCoverage(t)
	for _, document := range documents {
		i := slices.IndexFunc(all, func(c coverage) bool { return c.Title == document.Action && c.Year == document.Year })
		if i < 0 {
			t.Errorf("%s %d has no data", document.Action, document.Year)
			continue
		}
		var rows []documented
		for _, row := range all[i].Errors {
			rows = append(rows, documented{row.Item, row.Status, row.Message})
		}
		if diff := cmp.Diff(document.Errors, rows); diff != "" {
			t.Errorf("%s: %s", all[i].name(), diff)
		}
	}
}

// TestCoverageNamesFlags finds flags in cells that no command has.
func TestCoverageNamesFlags(t *testing.T) {
	root := newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
	known := map[string]bool{}
	learn := func(f *pflag.Flag) { known[f.Name] = true }
	root.PersistentFlags().VisitAll(learn)
	for _, command := range root.Commands() {
		command.Flags().VisitAll(learn)
	}
	for _, c := range readCoverage(t) {
		for _, kind := range c.kinds() {
			for _, row := range kind.rows {
				for _, match := range longFlag.FindAllStringSubmatch(row.Where+" "+row.Lab, -1) {
					if !known[match[1]] {
						t.Errorf("%s, %s, %s: there is no flag --%s", c.name(), kind.name, row.Item, match[1])
					}
				}
			}
		}
	}
}
