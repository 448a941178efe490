package jq

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// difference is a difference between muster and the newest jq, with filters that show it, the clearest one first.
type difference struct {
	What    string
	Filters []string
}

func readDifferences(t *testing.T) []difference {
	t.Helper()
	var all []difference
	if err := json.Unmarshal([]byte(readTestdata(t, "differences.json")), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestDifferences compares muster with the recorded results of jq. Each difference from the newest version must be in
// differences.json, and each row there must be a difference.
func TestDifferences(t *testing.T) {
	filters, answers, differences := readFilters(t), readAnswers(t), readDifferences(t)
	if len(filters) != len(answers) {
		t.Fatalf("%d answers are recorded, for %d filters: run TestAnswers with -update", len(answers), len(filters))
	}
	names := map[string]int{}
	for _, f := range filters {
		names[f.Name]++
	}
	newest, agree, seen := versions()[len(versions())-1], map[string]int{}, map[string]bool{}
	for i, f := range filters {
		if answers[i].Filter != f.Filter {
			t.Fatalf("the answer for %s is for %s: run TestAnswers with -update", f.Filter, answers[i].Filter)
		}
		got := runFilter(t, f)
		for _, version := range versions() {
			if got.equal(answers[i].Jq[version]) {
				agree[version]++
			}
		}
		if want := answers[i].Jq[newest]; !got.equal(want) {
			seen[f.Name] = true
			if !slices.ContainsFunc(differences, func(d difference) bool { return slices.Contains(d.Filters, f.Name) }) {
				t.Errorf("%s: %s, jq %s: %s, which is not in differences.json", f.Name, got, newest, want)
			}
		}
	}
	for _, d := range differences {
		for _, filter := range d.Filters {
			if names[filter] > 1 {
				t.Errorf("%s names %d filters", filter, names[filter])
			}
			if !seen[filter] {
				t.Errorf("%s: no longer a difference: %s", filter, d.What)
			}
		}
	}
	for _, version := range versions() {
		t.Logf("jq %s: %d of %d filters have the same result", version, agree[version], len(filters))
	}
}

const docsFile = "../../docs/json.md"

// TestDifferencesAreDocumented compares the table in docs/json.md with differences.json. With -update it writes the table.
func TestDifferencesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- differences, made by go test ./pkg/jq -update -->\n", "<!-- end of differences -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", docsFile)
	}
	table := differencesTable(t)
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table in %s does not match differences.json: run with -update", docsFile)
	}
	if err := os.WriteFile(docsFile, []byte(before+begin+table+end+after), 0o666); err != nil {
		t.Fatal(err)
	}
}

func differencesTable(t *testing.T) string {
	t.Helper()
	filters, answers := readFilters(t), readAnswers(t)
	newest := versions()[len(versions())-1]
	var b strings.Builder
	fmt.Fprintf(&b, "| in muster | for example | jq %s | muster |\n|---|---|---|---|\n", newest)
	for _, d := range readDifferences(t) {
		for i, f := range filters {
			if f.Name != d.Filters[0] {
				continue
			}
			if got, want := runFilter(t, f), answers[i].Jq[newest]; !got.equal(want) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", d.What, code(f.Name), cell(want), cell(got))
				break
			}
		}
	}
	return b.String()
}

// cell returns an answer as a cell of the table.
func cell(a answer) string {
	if a.Failed && len(a.Lines) == 0 {
		return "an error"
	}
	return code(a.String())
}

func code(text string) string {
	text = strings.ReplaceAll(text, "|", `\|`)
	if text = strings.ReplaceAll(text, "\n", " "); len([]rune(text)) > 60 {
		text = string([]rune(text)[:59]) + "…"
	}
	return "`" + text + "`"
}
