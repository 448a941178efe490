package jq

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "record what the versions of jq do, and write the table of docs/json.md")

// versions are those of jq that muster is compared with, oldest first.
func versions() []string { return []string{"1.6", "1.7", "1.8"} }

// filter is a line of testdata/filters.txt and what it is given.
type filter struct {
	Name   string // in differences.json: the filter, behind its input where that is neither null nor a file's
	Input  string
	Filter string
}

// answer is what came of a filter: lines of JSON, and whether an error was the last.
type answer struct {
	Lines  []string
	Failed bool
}

func (a answer) equal(b answer) bool { return a.Failed == b.Failed && slices.Equal(a.Lines, b.Lines) }

func (a answer) String() string {
	text := strings.Join(a.Lines, " ")
	if a.Failed {
		text = strings.TrimSpace(text + " an error")
	}
	if text == "" {
		return "nothing"
	}
	return text
}

func readFilters(t *testing.T) []filter {
	t.Helper()
	var filters []filter
	input, named := "null", ""
	for line := range strings.Lines(readTestdata(t, "filters.txt")) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "input "); ok {
			input, named = rest, ""
			if input != "null" {
				named = input + " | "
			}
		} else if name, ok := strings.CutPrefix(line, "file "); ok {
			input, named = strings.TrimSpace(readTestdata(t, name)), ""
		} else if strings.TrimSpace(line) != "" && line[0] != '#' {
			filters = append(filters, filter{named + line, input, line})
		}
	}
	return filters
}

func readTestdata(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// flags are what jq is run with: keys in order, as muster's are.
func flags() []string { return []string{"-c", "-S", "--arg", "name", "web", "--argjson", "n", "3"} }

// musters is what muster makes of a filter.
func musters(t *testing.T, f filter) answer {
	t.Helper()
	program, err := Parse(f.Filter, Options{
		Environ:   func() []string { return []string{"HOME=/", "PATH=/"} },
		Variables: []Variable{{"name", "web"}, {"n", 3}},
	})
	if err != nil {
		return answer{Failed: true}
	}
	input, err := Decode([]byte(f.Input))
	if err != nil {
		t.Fatalf("%s: %v", f.Input, err)
	}
	var got answer
	for result, err := range program.Run(t.Context(), input) {
		if err != nil {
			got.Failed = true
			break
		}
		got.Lines = append(got.Lines, string(Encode(result)))
	}
	return got
}

// recorded is a line of testdata/answers.json: what each version of jq makes of the filter of the same line.
type recorded struct {
	Filter string
	Jq     map[string]answer
}

func readAnswers(t *testing.T) []recorded {
	t.Helper()
	var all []recorded
	for decoder := json.NewDecoder(strings.NewReader(readTestdata(t, "answers.json"))); ; {
		var one recorded
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
}

// TestAnswers compares what is recorded of the versions of jq with the versions themselves. It needs jq 1.6, and in the directory
// JQ_READERS what npm ci has installed from testdata/readers; -update records instead.
func TestAnswers(t *testing.T) {
	directory := os.Getenv("JQ_READERS")
	if directory == "" {
		t.Skip("JQ_READERS is not set")
	}
	filters := readFilters(t)
	answers := make([]recorded, len(filters))
	for i, got := range askReaders(t, directory, filters) {
		answers[i] = recorded{filters[i].Filter, got}
	}
	if version, err := exec.CommandContext(t.Context(), "jq", "--version").Output(); err != nil || strings.TrimSpace(string(version)) != "jq-1.6" {
		t.Logf("no jq 1.6 here: %s %v", version, err)
	} else {
		for i, f := range filters {
			answers[i].Jq["1.6"] = askJq(t, f)
		}
	}
	if *update {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		for _, one := range answers {
			if err := encoder.Encode(one); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile("testdata/answers.json", b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := readAnswers(t)
	if len(known) != len(answers) {
		t.Fatalf("%d answers are recorded, for %d filters: run with -update", len(known), len(answers))
	}
	for i, one := range answers {
		for version, got := range one.Jq {
			if want := known[i].Jq[version]; !got.equal(want) {
				t.Errorf("jq %s: %s: %s, recorded %s", version, one.Filter, got, want)
			}
		}
	}
}

// asArgument keeps a filter from being read as a flag.
func asArgument(filter string) string { return " " + filter }

// askReaders asks the versions that run in node.
func askReaders(t *testing.T, directory string, filters []filter) []map[string]answer {
	t.Helper()
	var questions bytes.Buffer
	for _, f := range filters {
		if err := json.NewEncoder(&questions).Encode(map[string]any{"filter": asArgument(f.Filter), "input": f.Input, "flags": flags()}); err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "testdata/readers/jq.mjs", absolute)
	node.Stdin, node.Stderr = &questions, t.Output()
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var all []map[string]answer
	for lines := bufio.NewReader(bytes.NewReader(out)); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		var results map[string]struct {
			Stdout   string
			ExitCode int
		}
		if err := json.Unmarshal(line, &results); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := map[string]answer{}
		for version, result := range results {
			got[version] = answer{nonEmptyLines(result.Stdout), result.ExitCode != 0}
		}
		all = append(all, got)
	}
	if len(all) != len(filters) {
		t.Fatalf("node answered %d of %d filters", len(all), len(filters))
	}
	return all
}

// askJq asks the jq on PATH. Some filters never end in jq 1.6.
func askJq(t *testing.T, f filter) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "jq", append(flags(), asArgument(f.Filter))...)
	command.Stdin, command.Env, command.WaitDelay = strings.NewReader(f.Input), []string{"HOME=/", "PATH=/", "TZ=UTC"}, time.Second
	out, err := command.Output()
	if ctx.Err() != nil {
		return answer{[]string{"no end"}, true}
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return answer{nonEmptyLines(string(out)), err != nil}
}

func nonEmptyLines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
}
