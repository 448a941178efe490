package shell

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestJoin(t *testing.T) {
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"sh", "-c", "echo hi"}, "sh -c 'echo hi'"},
		{[]string{"touch", "my file"}, "touch 'my file'"},
		{[]string{"printf", `<%s>\n`, "$HOME;id"}, `printf '<%s>\n' '$HOME;id'`},
		{[]string{"exit", "3"}, "exit 3"},
		{[]string{"df", "--output=pcent", "/"}, "df --output=pcent /"},
		{[]string{"echo", "it's", `a'"b`, ""}, `echo "it's" 'a'\''"b' ''`},
		{[]string{"FOO=1", "x", "FOO=1"}, "'FOO=1' x FOO=1"},
		{[]string{"if", "if"}, "'if' if"},
		{[]string{"time", "true"}, "time true"},
		{[]string{"echo", "~", "{a,b}", "*", "#", "\n", "é"}, "echo '~' '{a,b}' '*' '#' '\n' é"},
		{[]string{"/usr/bin/install-app@1.2", "{{version}}"}, "/usr/bin/install-app@1.2 '{{version}}'"},
	} {
		got, err := Join(test.words)
		if err != nil || got != test.want {
			t.Errorf("%q: %s, %v, want %s", test.words, got, err, test.want)
		}
	}
	_, err := Join([]string{"echo", "a\x00b"})
	if _, ok := errors.AsType[*QuoteError](err); !ok {
		t.Errorf("a NUL byte: %v", err)
	}
}

// TestJoinInShells tests that shells pass quoted words on unchanged.
func TestJoinInShells(t *testing.T) {
	for _, name := range []string{"dash", "bash", "busybox"} {
		shell := shellCommand(t, name)
		if shell == nil {
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			word := rapid.OneOf(
				rapid.StringMatching(`[ -~\n\t\r]{0,8}`),
				rapid.Map(rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 8), func(b []byte) string { return string(b) }),
				rapid.SampledFrom([]string{"if", "!", "{", "a=b", "-n", "-e", "é", "\u00a0", "~", "=ls", "{a,b}", "2>&1", "#", "[", "[[", "^x"}),
			)
			words := rapid.SliceOfN(word, 1, 6).Draw(t, "words")
			script, err := Join(append([]string{"printf", `<%s>\0`}, words...))
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(shell[0], append(slices.Clone(shell[1:]), "-c", script)...).Output()
			if want := "<" + strings.Join(words, ">\x00<") + ">\x00"; err != nil || string(out) != want {
				t.Fatalf("%s: %q prints %q, want %q: %v", name, script, out, want, err)
			}
			if _, err := Check(script); err != nil {
				t.Fatalf("%q: %v", script, err)
			}
		})
	}
}
