package cmd

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/term"
)

// quietRoot returns the root command of an app that reads and writes nothing.
func quietRoot() *cobra.Command {
	return newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
}

// eachFlag calls do with each visible flag of each command; path is empty for global flags.
func eachFlag(do func(path string, f *pflag.Flag)) {
	root := quietRoot()
	visit := func(path string, flags *pflag.FlagSet) {
		flags.VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Name != helpCommand {
				do(path, f)
			}
		})
	}
	visit("", root.PersistentFlags())
	for path, cmd := range commandsBelow(root) {
		visit(path, cmd.LocalNonPersistentFlags())
	}
}

// TestPlaceholders checks that flags have placeholders in capitals in help, not Go types.
func TestPlaceholders(t *testing.T) {
	well := regexp.MustCompile(`^[A-Z]+([=:][A-Z]+)*$`)
	others := []string{"true|false", "KEY=env:NAME"}
	eachFlag(func(path string, f *pflag.Flag) {
		word, text := placeholder(f)
		switch {
		case f.Value.Type() == "bool" && word != "":
			t.Errorf("muster %s: --%s is on or off and has the placeholder %q", path, f.Name, word)
		case f.Value.Type() != "bool" && !well.MatchString(word) && !slices.Contains(others, word):
			t.Errorf("muster %s: --%s has the placeholder %q: begin its usage with one in capitals and back-quotes, as in \"`N`: send to N instances\"", path, f.Name, word)
		case strings.Contains(text, "`"):
			t.Errorf("muster %s: --%s has back-quotes in %q", path, f.Name, text)
		}
	})
}

// TestFlagGroups checks that each flag of commands with many flags has a group.
func TestFlagGroups(t *testing.T) {
	eachFlag(func(path string, f *pflag.Flag) {
		if slices.Contains([]string{"", "run", "invoke", "send"}, path) && groupOf(f) == "" {
			t.Errorf("muster %s: --%s has no group: add it by one, as in groupOutput.add(flags, …)", path, f.Name)
		}
	})
}

// TestFlagsRefuseGarbage passes invalid values to flags of numbers, durations and booleans, and looks for words of Go's packages in
// the errors.
func TestFlagsRefuseGarbage(t *testing.T) {
	words := regexp.MustCompile(`strconv|invalid syntax|out of range|time: |parsing|unexpected EOF|cannot unmarshal|yaml: |json: |!v\(|<nil>|invalid argument`)
	texts := []string{"waves", "sample", "max-failures", "rate", "page-size", "concurrency", "batch-run", "batch-invoke", "keep-days", "connect-timeout", "read-timeout", "max-bytes", "simulate", "from"}
	eachFlag(func(path string, f *pflag.Flag) {
		if !slices.Contains([]string{"bool", "N", "DURATION"}, f.Value.Type()) && !slices.Contains(texts, f.Name) {
			return
		}
		for _, garbage := range []string{"x", "1.5.5", "-7", "99999999999999999999", "1e400", "NaN", "0x10", "٣", "1h1"} {
			args := slices.Concat(strings.Fields(path), []string{"--" + f.Name + "=" + garbage})
			if path == "" {
				args = append([]string{"schedule"}, append(args, "rate(5m)")...)
			}
			if code, said := refusedBy(t, args, nil); words.MatchString(said) || code != exitUsage && code != exitDone {
				t.Errorf("muster %s: exit code %d: %s", strings.Join(args, " "), code, said)
			}
			if path == "" || path == labCommand {
				continue
			}
			variable := flagVariable(path, f.Name)
			if code, said := refusedBy(t, strings.Fields(path), map[string]string{variable: garbage}); words.MatchString(said) {
				t.Errorf("%s=%s muster %s: exit code %d: %s", variable, garbage, path, code, said)
			}
		}
	})
}

// refusedBy runs muster in this process without credentials, and returns its exit code and output.
func refusedBy(t *testing.T, args []string, env map[string]string) (code int, said string) {
	t.Helper()
	var output bytes.Buffer
	a := newApp(term.New(strings.NewReader(""), &output, &output, nil), func(name string) string { return env[name] })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return a.run(ctx, args), output.String()
}
