package shell

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestSyntaxError(t *testing.T) {
	for _, test := range []struct {
		script       string
		line, column int
		source       string
	}{
		{"echo a\nif true; then\n  echo b\n", 2, 1, "if true; then"},
		{"echo 'a\n", 1, 6, "echo 'a"},
		{"echo (a)\n", 1, 1, "echo (a)"},
		{"true\n) \n", 2, 1, ") "},
		{"echo é (\n", 1, 8, "echo é ("},
		{"#!/bin/bash\nfor i in 1 2; do echo $i\n", 2, 1, "for i in 1 2; do echo $i"},
		{"#!/usr/bin/env -S bash -e\nfi\n", 2, 1, "fi"},
		{"def main():\n    print('x')\n", 1, 9, "def main():"},
		{"\ufeffif true\n", 1, 1, "if true"},
	} {
		_, err := Check(test.script)
		wrong, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%q: %v", test.script, err)
			continue
		}
		if got, want := []any{wrong.Line, wrong.Column, wrong.Source}, []any{test.line, test.column, test.source}; !cmp.Equal(got, want) {
			t.Errorf("%q: %v, want %v (%v)", test.script, got, want, err)
		}
	}
}

// TestAccepted tests scripts that are valid in shells or have another interpreter.
func TestAccepted(t *testing.T) {
	for _, script := range []string{
		"", "\n", "# nothing\n", "exit 3", "echo $HOME", "cd /srv && ls",
		"#!/usr/bin/python3\nif x:\n", "#!/usr/bin/env perl\nif (", "#!/bin/zsh\necho *(.)\n", "#!/usr/bin/awk -f\n{ print }\n", "#!\n#\n",
		"\x7fELF\x01(((",
		"x=+; echo $((1 $x 2))", "#!/bin/bash\nx=+; ((y = 1 $x 2))\n", "#!/bin/bash\ndeclare -A a; a[/b/$c.d]=1; echo ${a[/b/${c}.d]}\n",
		"x='1 +'\necho $((\n$x\n1))\n",
		"sed -n '/^x/,$p' $0 > y\nexit 0\nx (((\x00\x01\n",
		"exec bash -c 'echo a'\n((((((\n",
		"main() {\n  exit 0\n}\nmain \"$@\"\n__DATA__\n) x (\n", "if true; then exit 0; elif false; then exit 1; else exit 2; fi\n) x (\n",
		"case $1 in a) exit 0;; *) echo b; exit 1;; esac\n) x (\n", "{ echo a; exit; }\n) x (\n",
		"exit\ncat <<a\n(", "cat <<$E\nb\n$E\n",
		"case a in (a) echo b;; esac", "echo \"`echo 'a'`\"", "a() ( echo b )\na\n", "cat <<-'E O F'\n\tx\n\tE O F\n",
		"echo \xc4\xe3 # \xba\xc3\n", "echo ${x:-{a}}", "if true; then :; fi 2>&1 | cat\n",
		"echo a\r\nif true; then\r\n  echo b\r\nfi\r\n",
	} {
		if _, err := Check(script); err != nil {
			t.Errorf("%q: %v", script, err)
		}
	}
}

// TestConditionalExit tests that scripts are parsed beyond functions and branches that may exit.
func TestConditionalExit(t *testing.T) {
	for _, script := range []string{
		"f() { if true; then return 0; fi; exit 1; }\nf\nif\n", "f() { return 0; exit 1; }\nf\nif\n",
		"if false; then f() { exit; }; fi\nf\nif\n", "f() { g() { exit; }; }\nf\nif\n", "f() { exit; }\nf() { :; }\nf\nif\n",
		"if false; then exit; fi\nif\n", "case $1 in a) exit;; esac\nif\n", "f() ( exit )\nf\nif\n", "exit &\nif\n", "exec > log\nif\n",
	} {
		if _, err := Check(script); err == nil {
			t.Errorf("%q is not parsed to its end", script)
		}
	}
}

// TestNoFindings tests scripts with text that looks like a construct of bash.
func TestNoFindings(t *testing.T) {
	for _, script := range []string{
		"echo '[[ a ]]' \"&>\" '<(x)' # [[ x ]]\n", "#!/bin/bash\n[[ a ]] && source b &> c\n", "#!/usr/bin/env bash\na=(1)\n",
		"cat <<'E'\n[[ a ]] &> b\nE\n", "bash -c '[[ a == b ]]'", "source() { . \"$1\"; }\nsource ./x\n", "RANDOM=4; echo $RANDOM",
		"(set -o pipefail) 2>/dev/null && set -o pipefail\n", "[ -n \"$BASH_VERSION\" ] || exec bash \"$0\"\n[[ a ]]\n",
		"echo 'a{b,c}' \"{1..3}\" {} {a} a{b}\n", "find . -name x -exec rm {} +", "echo -n a", "echo a -e", "read -r x", "read -p 'a ' -r x",
		"echo hi >&2; echo hi 2>&1; exec >&-", "x=$((1 + 2)); [ \"$x\" = 3 ]", "trap 'rm x' EXIT INT TERM", "export A=b; readonly C=d", "export -p",
		"echo ${UID:-0} ${HOSTNAME-x}", "x=a; echo ${x%%b} ${x##c} ${#x}", "set -eu", "set -o errexit", "exec > log 2>&1", "printf '%s\\n' -v",
		"f() { local x=1; echo $x; }", "[ x = y ] || [ -e z ]", "expr 1 == 1", "wait", "type ls", "for i in 1 2 3; do echo $i; done",
	} {
		if found := mustCheck(t, script); len(found) > 0 {
			t.Errorf("%q: %+v", script, found)
		}
	}
}

func TestFindings(t *testing.T) {
	found := mustCheck(t, "#!/bin/sh\nset -e\nif [[ -f é && é && -f b ]]; then ./install.sh &> log; fi\n[[ a ]]\nsource ./x\n")
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Construct))
	}
	if want := []string{"3:4 [[", "3:47 &>", "5:1 source"}; !cmp.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if want := "make the first line #!/bin/bash"; !strings.HasSuffix(found[0].Message, want) {
		t.Errorf("%q, want suffix %q", found[0].Message, want)
	}
}

func TestSignalsAndConnections(t *testing.T) {
	for script, want := range map[string]string{
		"kill -SIGTERM 1":                "kill -SIGTERM",
		"kill -s SIGTERM 1":              "kill -SIGTERM",
		"kill -TERM 1":                   "",
		"kill -l":                        "",
		"echo > /dev/tcp/localhost/80":   "/dev/tcp",
		"exec 3<> /dev/udp/localhost/53": "/dev/tcp",
		"echo > /dev/null":               "",
		"printf '%5q\n' a":               "printf %q",
		"printf '%%q %s\n' a":            "",
		"echo $((2#101))":                "16#ff",
		"echo $(($#))":                   "",
	} {
		found, err := Check(script)
		got := ""
		if len(found) > 0 {
			got = found[0].Construct
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", script, got, want, err)
		}
	}
}

func TestUnendedHereDocument(t *testing.T) {
	found := mustCheck(t, "#!/bin/bash\n\ncat <<'E F' && [[ a ]]\nnever ended\n")
	want := []Finding{{Code: UnendedHereDocument, Line: 3, Construct: "<<E F"}}
	if diff := cmp.Diff(want, found, cmpopts.IgnoreFields(Finding{}, "Column", "Message")); diff != "" {
		t.Error(diff)
	}
}

// TestInstalledScripts checks the scripts of this machine, which must be valid if bash accepts them.
func TestInstalledScripts(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to compare with")
	}
	checked := 0
	for _, pattern := range []string{"/var/lib/dpkg/info/*.p*", "/etc/init.d/*", "/usr/lib/git-core/*", "/usr/bin/*", "/etc/profile.d/*.sh"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil || len(content) > 1<<16 || !utf8.Valid(content) || !strings.HasPrefix(string(content), "#!") || strings.Contains(string(content[:min(len(content), 64)]), "zsh") {
				continue
			}
			checked++
			if _, err := Check(string(content)); err != nil && exec.CommandContext(t.Context(), bash, "-n", path).Run() == nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	t.Logf("%d scripts", checked)
}

func FuzzCheck(f *testing.F) {
	for _, sample := range samples {
		f.Add(sample.script)
	}
	f.Add("a=$((1 $x 2)); b[$c]=1; ${d:1:$((e))}")
	f.Add("cat <<A <<-'B'\nA\n\tB\ncase $(x) in y) `z`;; esac")
	const maxSize = 18 << 10 // of the content of a command
	f.Add(strings.Repeat("$((", maxSize/3))
	f.Add(strings.Repeat("a[$(", maxSize/4))
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > maxSize {
			return
		}
		watchdog := time.AfterFunc(30*time.Second, func() { panic(fmt.Sprintf("it takes too long to check %q", script)) })
		defer watchdog.Stop()
		found, err := Check(script)
		lines := strings.Count(script, "\n") + 1
		if wrong, ok := errors.AsType[*SyntaxError](err); ok && (wrong.Line < 1 || wrong.Line > lines || wrong.Column < 1) {
			t.Errorf("%+v is not in %q", wrong, script)
		}
		for _, one := range found {
			if one.Line < 1 || one.Line > lines || one.Column < 1 {
				t.Errorf("%+v is not in %q", one, script)
			}
		}
	})
}
