package shell

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// samples are scripts that work in bash, each with a construct that another sh does not support. Each prints "on" at its end.
var samples = []struct{ construct, script string }{
	{"[[", `if [[ -d / ]]; then echo yes; fi; echo on`},
	{"&>", `./fails &> log; [ $? = 3 ] && echo failed; echo on`},
	{"&>>", `./fails &>> log; [ $? = 3 ] && echo failed; echo on`},
	{">&", "echo hi >& log; cat log; echo on"},
	{"<( )", `cat <(echo in); echo on`},
	{"an array", `a=(1 2); echo on`},
	{"an array", `a[1]=x && echo set; echo on`},
	{"an array", `a=1; echo "${a[0]}"; echo on`},
	{"set -o pipefail", `set -o pipefail; echo on`},
	{"set -o pipefail", `set -euo pipefail; echo on`},
	{"<<<", `cat <<< word; echo on`},
	{"function", `function f { echo in; }; f; echo on`},
	{"function", `function f() { echo in; }; f; echo on`},
	{"source", `source ./library; echo on`},
	{"$'…'", `echo $'a\'b'; echo on`},
	{`$"…"`, `echo $"a"; echo on`},
	{"{ , }", `echo {1..3}; echo on`},
	{"{ , }", `for i in {a,b}; do echo $i; done; echo on`},
	{"${x^^}", `x=a; echo "${x^^}"; echo on`},
	{"${x/a/b}", `x=a; echo "${x/a/b}"; echo on`},
	{"${x:1:2}", `x=abc; echo "${x:1:1}"; echo on`},
	{"${!x}", `y=a; x=y; echo "${!x}"; echo on`},
	{"${x@Q}", `x=a; echo "${x@Q}"; echo on`},
	{"declare", `declare x=1; echo "$x"; echo on`},
	{"typeset", `typeset x=1; echo "$x"; echo on`},
	{"local -a", `f() { local -a x; }; f; echo on`},
	{"export -f", `f() { :; }; export -f f; echo on`},
	{"export -n", `export -n HOME; echo on`},
	{"echo -e", `echo -e 'a\tb'; echo on`},
	{"== in [ ]", `[ a == a ] && echo same; echo on`},
	{"== in [ ]", `test a == a && echo same; echo on`},
	{"-v in [ ]", `x=1; [ -v x ] && echo set; echo on`},
	{"(( ))", `x=1; ((x++)); echo $x; echo on`},
	{"for (( ))", `for ((i=0;i<2;i++)); do echo $i; done; echo on`},
	{"++", `x=1; echo $((x++)); echo on`},
	{"**", `echo $((2**3)); echo on`},
	{"$[ ]", `echo $[1+2]; echo on`},
	{"|&", `./fails |& cat; echo on`},
	{"select", `select x in a b; do break; done; echo on`},
	{"coproc", `coproc cat; echo $?; echo on`},
	{";&", `case a in a) echo a;& b) echo b;; esac; echo on`},
	{"read -t", `echo a | { read -t 1 x; echo $x; }; echo on`},
	{"read -rn", `echo a | { read -rn 1 x; echo $x; }; echo on`},
	{"read -a", `echo a | { read -a x; echo $?; }; echo on`},
	{"$EUID", `[ "$EUID" -ge 0 ] && echo user; echo on`},
	{"$RANDOM", `[ -n "$RANDOM" ] && echo chance; echo on`},
	{"shopt", `shopt -s nullglob && echo set; echo on`},
	{"let", `let x=1+2; echo $x; echo on`},
	{"trap ERR", `trap 'echo failed' ERR; false; echo on`},
	{"trap SIGTERM", `trap 'echo stopped' SIGTERM && echo set; echo on`},
	{"trap DEBUG", `f() { :; }; trap 'echo done' DEBUG; f; trap - DEBUG; echo on`},
	{"printf -v", `printf -v x %s a; echo "$x"; echo on`},
	{"printf %q", `printf '%q %s\n' 'a b' c; echo on`},
	{"16#ff", `echo $((16#ff)); echo on`},
	{"wait -n", `sleep 0.1 & wait -n && echo waited; echo on`},
	{"exec -a", `(exec -a other true) && echo ran; exec -a other echo on`},
	{"type -t", `type -t cd; echo on`},
	{"+=", `x=a; x+=b; echo $x; echo on`},
	{"{fd}>", `echo a {fd}> log; echo on`},
	{"$(< )", `echo in > log; x=$(<log); echo $x; echo on`},
}

// TestSamplesInShells compares the messages of the findings with the behaviour of the shells.
func TestSamplesInShells(t *testing.T) {
	dash, bash, ash := shellCommand(t, "dash"), shellCommand(t, "bash"), shellCommand(t, "busybox")
	for _, sample := range samples {
		t.Run(sample.script, func(t *testing.T) {
			found := mustCheck(t, sample.script)
			if len(found) == 0 || found[0].Construct != sample.construct {
				t.Fatalf("got %+v, want %s", found, sample.construct)
			}
			message := found[0].Message
			if bash == nil {
				return
			}
			want := runIn(t, bash, sample.script)
			if want.code != 0 || !strings.HasSuffix(want.stdout, "on\n") {
				t.Errorf("sh as bash: %+v", want)
			}
			if dash != nil {
				got := runIn(t, dash, sample.script)
				if got.stdout == want.stdout {
					t.Errorf("dash behaves like bash, but the message is: %s", message)
				}
				message, _, _ := strings.Cut(message, whereAsh)
				continues := strings.HasSuffix(got.stdout, "on\n") && got.code == 0
				if (strings.Contains(message, "ends there") || strings.Contains(message, "script exits")) && continues || strings.Contains(message, "script continues") && !continues {
					t.Errorf("dash: %+v, but the message is: %s", got, message)
				}
			}
			if ash != nil {
				got := runIn(t, ash, sample.script)
				if same, claimed := got.stdout == want.stdout, !strings.Contains(message, "busybox"); same != claimed {
					t.Errorf("busybox ash: %+v, bash: %+v, but the message is: %s", got, want, message)
				}
			}
		})
	}
}

// habits are scripts with the same result in no two shells, or with one that surprises: what each prints, and its exit code.
var habits = []struct{ script, bash, dash, ash string }{
	{`echo 'a\tb'`, "a\\tb\n 0", "a\tb\n 0", "a\\tb\n 0"},
	{`kill -SIGCONT $$ 2> log; echo $?`, "1\n 0", "2\n 0", "0\n 0"},
	{`set -- a; shift 2 2> log; echo on`, "on\n 0", " 2", "on\n 0"},
	{`x=äb; echo ${#x}`, "2\n 0", "3\n 0", "2\n 0"},
	{`trap 'echo clean' EXIT; kill $$`, "clean\n -1", " -1", " -1"},
	{`. library; echo on`, " 1", " 2", " 2"},
	{`./fails | cat; echo $?`, "0\n 0", "0\n 0", "0\n 0"},
	{`set -e; f() { ./fails; echo on; }; f || echo no`, "on\n 0", "on\n 0", "on\n 0"},
	{`set -e; f() { local x=$(./fails); echo on; }; f`, "on\n 0", "on\n 0", "on\n 0"},
	{`set -e; f() { [ -d none ] && echo there; }; f; echo on`, " 1", " 1", " 1"},
	{`n=0; echo a | while read x; do n=1; done; echo $n`, "0\n 0", "0\n 0", "0\n 0"},
	{`echo $((010))`, "8\n 0", "8\n 0", "8\n 0"},
	{`for f in *.none; do echo "$f"; done`, "*.none\n 0", "*.none\n 0", "*.none\n 0"},
	{`alias l=ls; l 2> log; echo $?`, "127\n 0", "127\n 0", "127\n 0"},
	{`cd none 2> log; echo on`, "on\n 0", "on\n 0", "on\n 0"},
	{`sh -c 'exit 256'; echo $?`, "0\n 0", "0\n 0", "0\n 0"},
}

// TestHabits compares the page on shells with the shells of this machine.
func TestHabits(t *testing.T) {
	dash, bash, ash := shellCommand(t, "dash"), shellCommand(t, "bash"), shellCommand(t, "busybox")
	for _, habit := range habits {
		for _, in := range []struct {
			shell []string
			want  string
		}{{bash, habit.bash}, {dash, habit.dash}, {ash, habit.ash}} {
			if in.shell == nil {
				continue
			}
			got := runIn(t, in.shell, habit.script)
			if text := fmt.Sprint(got.stdout, " ", got.code); text != in.want {
				t.Errorf("%s in %s: %q, want %q", habit.script, in.shell[0], text, in.want)
			}
		}
	}
}

func mustCheck(t *testing.T, script string) []Finding {
	t.Helper()
	found, err := Check(script)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// shellCommand returns the command that runs a shell as sh, or nil if the machine does not have it.
func shellCommand(t *testing.T, name string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("there is no %s here", name)
		return nil
	}
	if name == "busybox" {
		return []string{path, "ash"}
	}
	link := filepath.Join(t.TempDir(), "sh") // bash behaves as sh if it has this name
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	return []string{link}
}

type outcome struct {
	stdout string
	code   int
}

// runIn runs a script in a new directory with the files that samples use.
func runIn(t *testing.T, shell []string, script string) outcome {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"script": script + "\n", "fails": "#!/bin/sh\nexit 3\n", "library": "echo sourced\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, shell[0], append(shell[1:], "./script")...)
	command.Dir = dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C.UTF-8"}
	var stdout bytes.Buffer
	command.Stdout = &stdout
	err := command.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return outcome{stdout.String(), command.ProcessState.ExitCode()}
}
