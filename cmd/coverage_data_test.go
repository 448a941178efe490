package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// coverage is the content of one document and where it is covered. It is the source of docs/coverage.md.
type coverage struct {
	Title      string
	Year       int
	Language   string
	Action     string     // the action whose parameters and errors these are
	Commands   [][]string // together they set every parameter
	Parameters []coverageRow
	Fields     []coverageRow
	States     []coverageRow
	Rules      []coverageRow
	Errors     []coverageRow
}

// coverageRow is one statement of a document.
type coverageRow struct {
	Item  string
	Where string // in muster
	Lab   string
	Test  string

	Sent    string // of a parameter: its name on the wire, if that is not the item
	Value   string // of a parameter: the value that the commands send
	Place   string // of a state: the action and the place in its response
	Status  int    // of an error: the HTTP status
	Message string // of an error
}

func (c coverage) name() string { return fmt.Sprintf("%s %d", c.Title, c.Year) }

// kinds are the tables of a document, in order.
func (c coverage) kinds() []coverageKind {
	return []coverageKind{
		{"Parameters", c.Parameters}, {"Response fields", c.Fields}, {"States", c.States}, {"Rules", c.Rules}, {"Error codes", c.Errors},
	}
}

type coverageKind struct {
	name string
	rows []coverageRow
}

func readCoverage(t *testing.T) []coverage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "coverage", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []coverage
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c coverage
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b coverage) int { return a.Year - b.Year })
	return all
}

// eachRow runs a subtest for every row of a kind.
func eachRow(t *testing.T, kind string, check func(*testing.T, coverage, coverageRow)) {
	t.Helper()
	for _, c := range readCoverage(t) {
		for _, k := range c.kinds() {
			if k.name != kind {
				continue
			}
			for _, row := range k.rows {
				t.Run(c.name()+"/"+row.Item, func(t *testing.T) { check(t, c, row) })
			}
		}
	}
}

func coverageDocument(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`# Coverage

The contents of the service's documents about Cloud Assistant, row by row: every request parameter, response field, state,
rule and error code. Each row shows where it is in muster, what the lab does with it, and which test verifies it. This page is
generated from the data in ` + "`cmd/testdata/coverage`" + `, which has a file for each document.

Tests check every row:

- Each flag exists, and its value is sent with the parameter's name.
- The lab sets each field, and muster prints it.
- Each state occurs in the lab.
- Each error code is provoked by a call over HTTP, or by a fault of the lab if nothing in a lab could cause it (quotas,
  permissions, buckets). It has the HTTP status and the message of the documents. If the error can be detected before anything is
  sent, muster exits with 64 and sends nothing.
- Each test in the tables exists.

` + "`go test ./cmd -run 'Coverage|GeneratedFiles'`" + ` runs these tests.

If two documents differ, the lab accepts the request names of both, returns the states of both generations, and uses the error
messages of the newer document.
`)
	for _, c := range readCoverage(t) {
		fmt.Fprintf(&b, "\n## %s, %d", c.Title, c.Year)
		if c.Language != "" {
			fmt.Fprintf(&b, " (%s)", c.Language)
		}
		b.WriteString("\n")
		for _, kind := range c.kinds() {
			writeCoverageTable(&b, kind)
		}
	}
	return b.Bytes()
}

func writeCoverageTable(b *bytes.Buffer, kind coverageKind) {
	if len(kind.rows) == 0 {
		return
	}
	errors := kind.name == "Error codes"
	fmt.Fprintf(b, "\n### %s\n\n", kind.name)
	if errors {
		b.WriteString("| code | HTTP | message | muster | lab | test |\n|---|---|---|---|---|---|\n")
	} else {
		b.WriteString("| item | muster | lab | test |\n|---|---|---|---|\n")
	}
	for _, row := range kind.rows {
		cells := []string{row.Item, row.Where, row.Lab, row.Test}
		if errors {
			cells = []string{row.Item, fmt.Sprint(row.Status), row.Message, row.Where, row.Lab, row.Test}
		}
		for i, text := range cells {
			cells[i] = strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
}
