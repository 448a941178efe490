package cmd

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"muster/pkg/render"
	"muster/pkg/term"
)

// TestEveryUsageErrorIsJSON combines every kind of mistake with every way to ask for JSON.
func TestEveryUsageErrorIsJSON(t *testing.T) {
	wrong := []string{
		"rnu", "rnu --all", "config lits", "help rnu", "help run nonsense", "runs show", "version now", "completion tcsh", "completion",
		"commands show one two", "explain one two", "run --nonsense", "run --nonsense=1", "run --nonsense 1", "run -X", "run ---", "run --=",
		"run --all --timeout soon", "run --lab=many --all", "run --all uptime", "run --all", "--nonsense run", "-X run", "lab nonsense",
		"instances --page-size many", "instances --endpoint http://a:b", "instances --jq .[", "run --all --sample 0", "schedule nonsense",
		"instances --jq . --template .", "run -i", "run --name", "config list --show-origin=maybe", "schema nonsense", "results", "watch i-nonsense",
	}
	forms := []string{"-o json", "-ojson", "-o=json", "--output json", "--output=json", "-qojson", "-qo json", "-o ndjson", "--output=ndjson", "-o table -o json"}
	run := func(t *testing.T, variables map[string]string, words ...string) {
		t.Helper()
		variables["HOME"] = t.TempDir()
		setenv(t, variables)
		var out, errs bytes.Buffer
		code := newApp(term.New(strings.NewReader(""), &out, &errs, os.Getenv), os.Getenv).run(t.Context(), words)
		if problem := notOneError(errs.String()); code != exitUsage || out.Len() > 0 || problem != "" {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q: %s", words, code, out.String(), errs.String(), problem)
		}
	}
	for _, words := range wrong {
		for _, form := range forms {
			run(t, map[string]string{}, slices.Concat(strings.Fields(form), strings.Fields(words))...)
			if words != "run -i" && words != "run --name" { // these would take the flag for their value
				run(t, map[string]string{}, slices.Concat(strings.Fields(words), strings.Fields(form))...)
			}
		}
		run(t, map[string]string{"MUSTER_OUTPUT": "json"}, strings.Fields(words)...)
	}
}

// TestReadableFlags compares the flags recognized in a command line with those put into it, between mistakes of all kinds.
func TestReadableFlags(t *testing.T) {
	root := newRootCommand(newApp(term.New(strings.NewReader(""), new(bytes.Buffer), new(bytes.Buffer), nil), func(string) string { return "" }))
	commands := commandsBelow(root)
	var paths []string
	for path := range commands {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	value := rapid.SampledFrom([]string{"x", "", "-o", "-ojson", "--output=json", "--output", "--", "json", "-", "a b", "=", "---"})
	junk := rapid.SampledFrom([][]string{{"--nonsense"}, {"--nonsense=json"}, {"--nonsense", "json"}, {"-X"}, {"-X=json"}, {"---"}, {"---output=json"}, {"--=json"}, {"word"}, {"-"}})
	rapid.Check(t, func(t *rapid.T) {
		cmd := commands[rapid.SampledFrom(paths).Draw(t, "command")]
		var flags []*pflag.Flag
		for _, set := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
			set.VisitAll(func(f *pflag.Flag) { flags = append(flags, f) })
		}
		words, want := strings.Fields(pathOf(cmd)), map[string]string{}
		for range rapid.IntRange(0, 6).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "junk") {
				words = append(words, junk.Draw(t, "words")...)
				continue
			}
			f, text := rapid.SampledFrom(append(flags, cmd.Flag("output"), cmd.Flag("profile"))).Draw(t, "flag"), value.Draw(t, "value")
			if f.Name == "output" && rapid.Bool().Draw(t, "format") {
				text = rapid.SampledFrom(render.Formats()).Draw(t, "output")
			}
			switch form := rapid.SampledFrom([]string{"--n v", "--n=v", "-n v", "-nv", "-n=v"}).Draw(t, "form"); {
			case f.NoOptDefVal != "":
				words, text = append(words, "--"+f.Name), f.NoOptDefVal
			case form == "--n v" || f.Shorthand == "" && form != "--n=v":
				words = append(words, "--"+f.Name, text)
			case form == "--n=v":
				words = append(words, "--"+f.Name+"="+text)
			case form == "-n v" || text == "" || text[0] == '=':
				words = append(words, "-"+f.Shorthand, text)
			case form == "-nv":
				words = append(words, "-"+f.Shorthand+text)
			default:
				words = append(words, "-"+f.Shorthand+"="+text)
			}
			want[f.Name] = text
		}
		if rapid.Bool().Draw(t, "argv") {
			words = append(words, "--", "-o", "json", "--profile=x")
		}
		got := map[string]string{}
		readableFlags(root, words).Visit(func(f *pflag.Flag) { got[f.Name] = f.Value.String() })
		for name, text := range want {
			if got[name] != text && (text != "---" || got[name] != "-") { // see readableFlags
				t.Fatalf("%q: --%s is %q, want %q", words, name, got[name], text)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%q: got %q, want %q", words, got, want)
		}
	})
}
