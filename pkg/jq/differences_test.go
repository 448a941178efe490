package jq

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// difference is what muster does otherwise than the newest jq, and the filters that show it, the clearest one first.
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

// TestDifferences compares muster with what is recorded of jq: a difference to the newest version has to be in the list, and
// everything in the list has to be one.
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
		got := musters(t, f)
		for _, version := range versions() {
			if got.equal(answers[i].Jq[version]) {
				agree[version]++
			}
		}
		if want := answers[i].Jq[newest]; !got.equal(want) {
			seen[f.Name] = true
			if !slices.ContainsFunc(differences, func(d difference) bool { return slices.Contains(d.Filters, f.Name) }) {
				t.Errorf("%s: %s, jq %s: %s, and no row of differences.json has it", f.Name, got, newest, want)
			}
		}
	}
	for _, d := range differences {
		for _, filter := range d.Filters {
			if names[filter] > 1 {
				t.Errorf("%s stands for %d filters", filter, names[filter])
			}
			if !seen[filter] {
				t.Errorf("%s: there is no difference any more: %s", filter, d.What)
			}
		}
	}
	for _, version := range versions() {
		t.Logf("jq %s: %d of %d filters give the same", version, agree[version], len(filters))
	}
}

const docs = "../../docs/json.md"

// TestDifferencesAreDocumented compares the table in docs/json.md with the list; -update writes it.
func TestDifferencesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- differences, made by go test ./pkg/jq -update -->\n", "<!-- end of differences -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", docs)
	}
	table := differencesTable(t)
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not that of differences.json: run with -update", docs)
	}
	if err := os.WriteFile(docs, []byte(before+begin+table+end+after), 0o666); err != nil {
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
			if got, want := musters(t, f), answers[i].Jq[newest]; !got.equal(want) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", d.What, code(f.Name), shown(want), shown(got))
				break
			}
		}
	}
	return b.String()
}

// shown is an answer in a cell.
func shown(a answer) string {
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
