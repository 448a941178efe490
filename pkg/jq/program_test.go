package jq

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-0": "-0", "1.0": "1.0", "1.10": "1.10", "9223372036854775807": "9223372036854775807", "100000000000000000000": "100000000000000000000",
		`{"b":[1,2.5],"a":null}`: `{"a":null,"b":[1,2.5]}`, "1e3": "1e3", `"<é&\u2028"`: "\"<é&\u2028\"",
	} {
		value, err := Decode([]byte(text))
		if err != nil || string(Encode(value)) != want {
			t.Errorf("%s is %s, %v", text, Encode(value), err)
		}
	}
	for _, text := range []string{"", " ", "{", "1 2", "nope", "[1,]", "NaN"} {
		if value, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s is %v", text, value)
		}
	}
}

func TestVariables(t *testing.T) {
	for text, isJSON := range map[string]bool{"name=web": false, "empty=": false, "eq=a=b": false, `n={"a":[1]}`: true, "_x1=null": true} {
		if _, err := ParseVariable(text, isJSON); err != nil {
			t.Error(err)
		}
	}
	for text, says := range map[string]string{"name": "NAME=VALUE", "": "NAME=VALUE", "=x": "not a variable name", "1a=x": "not a variable name", "$a=x": "without the $", "a-b=x": "not a variable name", "é=x": "not a variable name"} {
		if _, err := ParseVariable(text, false); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"a", "a=", "a=x", "a=1 2", "a={"} {
		if _, err := ParseVariable(text, true); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	if name, twice := Duplicate([]Variable{{"a", 1}, {"b", 2}, {"a", 3}}); !twice || name != "a" {
		t.Errorf("got duplicate %q", name)
	}
	program, err := Parse(`[$name, $ARGS, $__loc__]`, Options{Variables: []Variable{{"name", "web"}}})
	if err != nil {
		t.Fatal(err)
	}
	for result, err := range program.Run(t.Context(), nil) {
		if got := string(Encode(result)); err != nil || got != `["web",{"named":{"name":"web"},"positional":[]},{"file":"<top-level>","line":1}]` {
			t.Errorf("%s %v", got, err)
		}
	}
	if _, err := Parse("\n$__loc__", Options{}); err == nil {
		t.Error("$__loc__ is accepted on the second line")
	}
}

func TestModules(t *testing.T) {
	for _, text := range []string{`import "a" as a; 1`, `include "a"; 1`, `import "a" as $a; 1`} {
		if _, err := Parse(text, Options{}); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	if _, err := one(t, `"a" | modulemeta`, nil); err == nil {
		t.Error("modulemeta is accepted")
	}
}

func TestDebug(t *testing.T) {
	var b bytes.Buffer
	program, err := Parse(`debug, stderr, debug("x")`, Options{Stderr: &b})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range program.Run(t.Context(), 1) {
		if err != nil {
			t.Error(err)
		}
	}
	if got := b.String(); got != "[\"DEBUG:\",1]\n1[\"DEBUG:\",\"x\"]\n" {
		t.Errorf("%q", got)
	}
}

func TestHalt(t *testing.T) {
	_, err := one(t, `"bye\n" | halt_error`, nil)
	if halted, ok := errors.AsType[*HaltError](err); !ok || halted.Text != "bye" {
		t.Errorf("%v", err)
	}
	if _, err := one(t, `try halt_error catch 1`, nil); err == nil {
		t.Error("halt_error was caught")
	}
}

// TestEmptyMatches tests functions with empty matches and empty strings.
func TestEmptyMatches(t *testing.T) {
	for text, want := range map[string]string{
		`"abc" | gsub(""; "-")`: `"-a-b-c-"`, `"abc" | gsub("^"; ">")`: `">abc"`, `"ok\n" | gsub("$"; "!")`: `"ok!\n!"`, `"x" | indices("")`: "[]",
	} {
		if got, err := one(t, text, nil); err != nil || string(Encode(got)) != want {
			t.Errorf("%s: %s, %v, want %s", text, Encode(got), err, want)
		}
	}
}

// TestConcurrentRuns runs a program several times concurrently.
func TestConcurrentRuns(t *testing.T) {
	program, err := Parse(`[match("(?<x>a$)"; "g").captures[].name, (sub("a$"; "b"))]`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	for range 4 {
		go func() {
			for result := range program.Run(t.Context(), "aa\n") {
				done <- string(Encode(result))
			}
		}()
	}
	for range 4 {
		if got := <-done; got != `["x","ab\n"]` {
			t.Error(got)
		}
	}
}

// FuzzProgram checks that every expression stops when its context ends, and that its results are JSON.
func FuzzProgram(f *testing.F) {
	for line := range strings.Lines(mustRead(f)) {
		f.Add(strings.TrimSuffix(line, "\n"), `{"a":[1,"x\n",null]}`)
	}
	f.Fuzz(func(t *testing.T, text, input string) {
		if strings.ContainsAny(text, "*") || len(text) > 200 {
			return // results must stay small
		}
		program, err := Parse(text, Options{})
		if err != nil {
			return
		}
		value, err := Decode([]byte(input))
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		n := 0
		for result, err := range program.Run(ctx, value) {
			if n++; err != nil || n > 1000 {
				break
			}
			if _, err := Decode(Encode(result)); err != nil {
				t.Errorf("%s of %s: %s is not JSON: %v", text, input, Encode(result), err)
			}
		}
	})
}

func mustRead(f *testing.F) string {
	f.Helper()
	text, err := os.ReadFile("testdata/filters.txt")
	if err != nil {
		f.Fatal(err)
	}
	return string(text)
}
