package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFindingsRun runs findings/run with small scripts instead of the findings.
func TestFindingsRun(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("findings/run needs GNU find")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	const prelude = ". \"$(dirname \"$0\")/prelude\"\n"
	for name, test := range map[string]struct {
		script string
		want   string // the first line, with more after a +
		code   int
	}{
		"same":    {prelude + "version 'a 1, b 2'\nsaw word\nsame <<<word\n", "ok       same: a 1, b 2", 0},
		"changed": {prelude + "saw word\nsame <<<other\n", "changed  changed: +", 1},
		"fails":   {"false\n", "changed  fails: +", 1},
		"skipped": {prelude + "need no-such-command\n", "skipped  skipped: no-such-command is not installed", 0},

		"its-own-directory": {prelude + "touch \"$work/a\" \"$HOME/b\"\ncp \"$(mktemp)\" \"$work\"/c\necho fine\n", "ok       its-own-directory: fine", 0},
		"null-device":       {"#!/bin/sh\ncat </dev/null\necho fine >&2 2>/dev/null\n", "ok       null-device: fine", 0},
		"relative-paths":    {"echo a/b ./c \"$HOME/d\" $((4/2)) https://localhost/e >&2 # ~/f\n", "ok       relative-paths: +", 0},

		"xml":         {"echo '<a></a></b>'\n", "ok       xml: <a></a></b>", 0},
		"argument":    {"echo fine\nls /srv\n", "refused  argument: it names an absolute path: line 2: ls /srv", 1},
		"assignment":  {"dir=/srv\n", "refused  assignment: it names an absolute path: line 1: dir=/srv", 1},
		"quoted":      {"echo \"/srv/a\"\n", "refused  quoted: it names an absolute path: line 1: echo \"/srv/a\"", 1},
		"redirection": {"echo a >/srv/a\n", "refused  redirection: it names an absolute path: line 1: echo a >/srv/a", 1},
		"flag":        {"ls --ignore=/srv\n", "refused  flag: it names an absolute path: line 1: ls --ignore=/srv", 1},
		"in-path":     {"PATH=$PATH:/srv\n", "refused  in-path: it names an absolute path: line 1: PATH=$PATH:/srv", 1},
		"root":        {"cd / && ls\n", "refused  root: it names an absolute path: line 1: cd / && ls", 1},
		"interpreter": {"cat <<END\nfine\n#!/srv/sh\nEND\n", "ok       interpreter: fine", 0},

		"home":      {"touch \"$HOME/a\"\n", "refused  home: it leaves files behind or changes them: home/a", 1},
		"temporary": {"mktemp -d XXXX --tmpdir >&2\ntouch \"$TMPDIR/a\"\n", "refused  temporary: +", 1},
		"working":   {"touch a\n", "refused  working: it leaves files behind or changes them: empty/a", 1},
		"above":     {"touch ../a\n", "refused  above: it leaves files behind or changes them: a", 1},
		"beside":    {"touch \"$(dirname \"$0\")/a\"\n", "refused  beside: it leaves files behind or changes them: findings/a", 1},
		"itself":    {"echo >>\"$0\"\n", "refused  itself: it leaves files behind or changes them: findings/itself.sh", 1},
		"removed":   {"rm \"$(dirname \"$0\")/prelude\"\n", "refused  removed: it leaves files behind or changes them: findings/prelude", 1},
		"link":      {"ln -s a b\n", "refused  link: it leaves files behind or changes them: empty/b", 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, file := range []string{"run", "prelude", "caches"} {
				content, err := os.ReadFile(filepath.Join("..", "findings", file))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, name+".sh"), []byte(test.script), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.Command("bash", filepath.Join(dir, "run"), name)
			output, _ := command.CombinedOutput()
			line := regexp.MustCompile(`(?s)\n.*`).ReplaceAllString(string(output), "")
			want, rest := test.want, ""
			if n := len(want) - 1; want[n] == '+' {
				want, rest = want[:n], line[min(n, len(line)):]
			}
			if diff := cmp.Diff(want+rest, line); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, output)
			}
			if got := command.ProcessState.ExitCode(); got != test.code {
				t.Errorf("exit code %d, want %d:\n%s", got, test.code, output)
			}
		})
	}
	output, err := exec.Command("bash", filepath.Join("..", "findings", "run"), "no-such-finding").CombinedOutput()
	if diff := cmp.Diff("refused  no-such-finding: there is no such finding\n", string(output)); diff != "" || err == nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
