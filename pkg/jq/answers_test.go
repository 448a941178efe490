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

var update = flag.Bool("update", false, "record the results of the versions of jq, and write the table in docs/json.md")

// versions returns the versions of jq that muster is compared with, oldest first.
func versions() []string { return []string{"1.6", "1.7", "1.8"} }

// filter is a line of testdata/filters.txt with its input.
type filter struct {
	Name   string // in differences.json: the filter, after its input if that is neither null nor from a file
	Input  string
	Filter string
}

// answer is the result of a filter: lines of JSON, and whether it ended with an error.
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

// flags returns the flags of jq. Its keys are sorted, as muster's are.
func flags() []string { return []string{"-c", "-S", "--arg", "name", "web", "--argjson", "n", "3"} }

// runFilter returns muster's result of a filter.
func runFilter(t *testing.T, f filter) answer {
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

// recorded is a line of testdata/answers.json: the result of each version of jq for the filter on the same line.
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

// TestAnswers compares the recorded results with those of the versions of jq. It needs jq 1.6, and the directory JQ_READERS, where
// npm ci has installed testdata/readers. With -update it records the results instead.
func TestAnswers(t *testing.T) {
	directory := os.Getenv("JQ_READERS")
	if directory == "" {
		t.Skip("JQ_READERS is not set")
	}
	filters := readFilters(t)
	answers := make([]recorded, len(filters))
	for i, got := range runReaders(t, directory, filters) {
		answers[i] = recorded{filters[i].Filter, got}
	}
	if version, err := exec.CommandContext(t.Context(), "jq", "--version").Output(); err != nil || strings.TrimSpace(string(version)) != "jq-1.6" {
		t.Logf("no jq 1.6 on PATH: %s %v", version, err)
	} else {
		for i, f := range filters {
			answers[i].Jq["1.6"] = runJq(t, f)
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

// asArgument prevents jq from reading a filter as a flag.
func asArgument(filter string) string { return " " + filter }

// runReaders runs the filters in the versions of jq that run in node.
func runReaders(t *testing.T, directory string, filters []filter) []map[string]answer {
	t.Helper()
	var requests bytes.Buffer
	for _, f := range filters {
		if err := json.NewEncoder(&requests).Encode(map[string]any{"filter": asArgument(f.Filter), "input": f.Input, "flags": flags()}); err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "testdata/readers/jq.mjs", absolute)
	node.Stdin, node.Stderr = &requests, t.Output()
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
		t.Fatalf("node has results for %d of %d filters", len(all), len(filters))
	}
	return all
}

// runJq runs a filter in the jq on PATH.
func runJq(t *testing.T, f filter) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "jq", append(flags(), asArgument(f.Filter))...)
	command.Stdin, command.Env, command.WaitDelay = strings.NewReader(f.Input), []string{"HOME=/", "PATH=/", "TZ=UTC"}, time.Second
	out, err := command.Output()
	if ctx.Err() != nil {
		t.Fatalf("%s: jq did not finish", f.Filter)
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return answer{nonEmptyLines(string(out)), err != nil}
}

func nonEmptyLines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
}
