package catalogue

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func languages() []Language { return []Language{English, Chinese, Japanese} }

func TestFactsAreSortedAndUnique(t *testing.T) {
	seen := map[string]bool{}
	var last fact
	for _, f := range strict[[]fact](t, "facts.json") {
		if lower := strings.ToLower(f.Code); seen[lower] {
			t.Errorf("%s occurs twice", f.Code)
		} else {
			seen[lower] = true
		}
		if f.Scope < last.Scope || f.Scope == last.Scope && f.Code <= last.Code {
			t.Errorf("%s comes after %s", f.Code, last.Code)
		}
		last = f
	}
}

func TestFactsAreComplete(t *testing.T) {
	actions := []string{
		"AssumeRole", "AssumeRoleWithOIDC", "CreateActivation", "DeleteActivation", "DeleteCommand", "DeregisterManagedInstance", "DescribeInvocationResults", "DescribeInvocations", "DescribeManagedInstances", "DescribeSendFileResults", "DisableActivation", "InvokeCommand",
		"ModifyInvocationAttribute", "ModifyManagedInstance", "RebootInstance",
		"RunCommand", "StartInstance", "StopInstance", "StopInvocation",
	}
	for _, e := range All(English) {
		if !slices.Contains([]Retry{RetryNo, RetryLater, RetrySameToken}, e.Retry) {
			t.Errorf("%s: retry %q", e.Code, e.Retry)
		}
		if len(e.Sources) == 0 || slices.Contains(e.Sources, "") {
			t.Errorf("%s has no source", e.Code)
		}
		for _, action := range e.Actions {
			if !slices.Contains(actions, action) {
				t.Errorf("%s: unknown action %q", e.Code, action)
			}
		}
		for _, s := range e.Statuses {
			if s.Status < 400 || s.Status > 599 || s.Action != "" && !slices.Contains(e.Actions, s.Action) {
				t.Errorf("%s: HTTP status %+v", e.Code, s)
			}
		}
		switch e.Scope {
		case ScopeAPI:
			if e.Status != "" || len(e.Statuses) == 0 && e.Code != "HTTPX" {
				t.Errorf("%s: HTTP statuses %v, instance status %q", e.Code, e.Statuses, e.Status)
			}
		case ScopeInstance:
			ends := []string{"Aborted", "Error", "Failed", "Invalid", "Timeout"}
			if len(e.Statuses) > 0 || len(e.Actions) == 0 || !slices.Contains(ends, e.Status) {
				t.Errorf("%s: HTTP statuses %v, actions %v, instance status %q", e.Code, e.Statuses, e.Actions, e.Status)
			}
		default:
			t.Errorf("%s: scope %q", e.Code, e.Scope)
		}
	}
}

// TestTextsHaveSameOrder checks that the files have the same order, so that translators can compare them line by line.
func TestTextsHaveSameOrder(t *testing.T) {
	var want []string
	for _, f := range known().facts {
		want = append(want, f.Code)
	}
	for _, lang := range languages() {
		if got := keys(t, string(lang)+".json"); !slices.Equal(got, want) {
			t.Errorf("%s.json: the codes differ from those of facts.json: %v", lang, difference(got, want))
		}
		strict[texts](t, string(lang)+".json")
	}
}

func TestTexts(t *testing.T) {
	for _, lang := range languages() {
		for _, e := range All(lang) {
			for part, text := range parts(e) {
				for _, problem := range problems(lang, text) {
					t.Errorf("%s, %s, %s: %s: %q", lang, e.Code, part, problem, text)
				}
			}
		}
	}
}

// problems returns what is wrong with a text in a language.
func problems(lang Language, text string) []string {
	var list []string
	add := func(wrong bool, what string) {
		if wrong {
			list = append(list, what)
		}
	}
	add(text != strings.Join(strings.Fields(text), " "), "white space")
	add(utf8.RuneCountInString(text) > 240, "too long")
	add(strings.Contains(text, "{X}"), "{X} is not replaced")
	has := func(table *unicode.RangeTable) bool {
		return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(table, r) })
	}
	kana := has(unicode.Hiragana) || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Katakana, r) })
	switch lang {
	case English:
		add(has(unicode.Han) || kana, "not English")
		add(!strings.HasSuffix(text, "."), "no full stop")
	case Chinese:
		add(!has(unicode.Han) || kana, "not Chinese")
		add(!strings.HasSuffix(text, "。"), "no full stop")
	case Japanese:
		add(!kana || strings.ContainsAny(text, "请实务动执码响应录时间设过"), "not Japanese")
		add(!strings.HasSuffix(text, "。"), "no full stop")
	}
	return list
}

func TestEnglishRemediesAreImperatives(t *testing.T) {
	for _, e := range All(English) {
		if !regexp.MustCompile(`^[A-Z][a-z]+ `).MatchString(e.Remedy) {
			t.Errorf("%s: %q", e.Code, e.Remedy)
		}
	}
}

// TestFlagsAndCommandsInTexts checks that all translations of a text contain the same flags and commands, which muster must have.
func TestFlagsAndCommandsInTexts(t *testing.T) {
	flags := strings.Fields(`-f -i -I -t -u -P --address-range --all --batch-invoke --batch-run --client-token --concurrency --container-id
		--container-name --count --description --endpoint --exclude --frequency --hours --keep --launcher --name --oss-output-delivery --owner
		--profile --rate --region --repeat --resource-group-id --server-side-tags --task-tag --termination-mode --timeout --type
		--windows-password-name --working-dir`)
	commands := strings.Fields("muster-activation muster-commands muster-instances muster-invocations muster-invoke muster-managed muster-results muster-run muster-schedule muster-stop")
	translated := map[Language][]Entry{Chinese: All(Chinese), Japanese: All(Japanese)}
	for i, e := range All(English) {
		for part, text := range parts(e) {
			want := named(text, commands)
			for _, flag := range want {
				if strings.HasPrefix(flag, "-") && !slices.Contains(flags, flag) {
					t.Errorf("%s: there is no flag %s", e.Code, flag)
				}
			}
			for lang, entries := range translated {
				if got := named(parts(entries[i])[part], nil); !slices.Equal(got, want) {
					t.Errorf("%s, %s, %s contains %v, English %v", lang, e.Code, part, got, want)
				}
			}
		}
	}
}

var flagOrCommand = regexp.MustCompile(`--[a-z][a-z-]+|(?:^|[^\w-])-[A-Za-z]\b|muster [a-z]+`)

// named returns the flags and the commands in a text. In English, where a verb may follow muster, commands are the known ones.
func named(text string, commands []string) []string {
	found := map[string]bool{}
	for _, name := range flagOrCommand.FindAllString(text, -1) {
		name = strings.ReplaceAll(name, "muster ", "muster-")
		if command := strings.HasPrefix(name, "muster-"); !command {
			name = strings.TrimLeftFunc(name, func(r rune) bool { return r != '-' })
		} else if commands != nil && !slices.Contains(commands, name) {
			continue
		}
		found[name] = true
	}
	return slices.Sorted(maps.Keys(found))
}

func parts(e Entry) map[string]string {
	return map[string]string{"Meaning": e.Meaning, "Cause": e.Cause, "Remedy": e.Remedy}
}

// strict decodes a file, without unknown fields.
func strict[T any](t *testing.T, name string) T {
	t.Helper()
	data, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var value T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return value
}

// keys returns the keys of an object of objects in a file, in order.
func keys(t *testing.T, name string) []string {
	t.Helper()
	data, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	depth, isKey := 0, true
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			return list
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch token := token.(type) {
		case json.Delim:
			isKey = true
			if token == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 && isKey {
				list = append(list, token)
			}
		}
	}
}

// difference returns the first elements of a that differ from b.
func difference(a, b []string) []string {
	var only []string
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return append(only, a[min(i, len(a)):min(i+3, len(a))]...)
		}
	}
	return only
}
