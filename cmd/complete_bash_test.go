//go:build unix

package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// bashSession is an interactive bash on a pseudo-terminal, without the bash-completion package.
type bashSession struct {
	t        *testing.T
	terminal *os.File
	screen   bytes.Buffer
}

func startBash(t *testing.T, env []string, dir string) *bashSession {
	t.Helper()
	if inShell(t, nil, "bash", "-c", `echo "${BASH_VERSINFO[0]}"`) == "3\n" {
		t.Skip("bash 3 does not report its line")
	}
	command := exec.CommandContext(t.Context(), "bash", "--norc", "--noprofile", "-i")
	command.Dir = dir
	command.Env = append(append(command.Environ(), "TERM=dumb", "PS1=$ ", "INPUTRC=/dev/null", "HISTFILE="), env...)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 50, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	s := &bashSession{t: t, terminal: terminal}
	t.Cleanup(func() { _ = terminal.Close(); _ = command.Wait() })
	s.typed("bind 'set enable-bracketed-paste off' 'set bell-style none'; bind -x '\"\\C-g\": printf \"\\\\001%s\\\\002\" \"$READLINE_LINE\"'; " +
		"source " + completionScript(t, "muster.bash") + "; PS1='> '\r")
	s.until("\n> ")
	return s
}

func (s *bashSession) typed(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.terminal, text); err != nil {
		s.t.Fatal(err)
	}
}

// until reads up to a text, and returns what precedes it.
func (s *bashSession) until(end string) string {
	s.t.Helper()
	s.screen.Reset()
	for b := make([]byte, 1); !strings.HasSuffix(s.screen.String(), end); {
		if _, err := s.terminal.Read(b); err != nil {
			s.t.Fatalf("%v, after %q", err, s.screen.String())
		}
		s.screen.Write(b)
	}
	return strings.TrimSuffix(s.screen.String(), end)
}

// tab types a line and keys, and returns the resulting line and everything shown on the terminal.
func (s *bashSession) tab(keys string) (line, shown string) {
	s.t.Helper()
	s.typed(keys + "\x07")
	shown = s.until("\x01")
	line = s.until("\x02")
	s.typed("\x05\x15") // move to the end of the line and cut the line
	return line, shown
}

// TestCompletionInBash presses Tab at a terminal.
func TestCompletionInBash(t *testing.T) {
	env := completionLab(t)
	dir := t.TempDir()
	for _, name := range []string{"deploy.sh", "kept"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bash := startBash(t, env, dir)
	bash.typed("site=cn-hangzhou; alias m=muster; complete -o default -F __start_muster m\r")
	bash.until("\n> ")
	for _, tt := range []struct{ typed, want string }{
		{"muster doc", "muster doctor "},
		{"muster hel", "muster help "},
		{"muster help lab inst", "muster help lab instances "},
		{"m doc", "m doctor "},
		{"muster run -i i-lab00003", "muster run -i i-lab00003 "},
		{"muster run -i i-lab00001,i-lab00002,i-", "muster run -i i-lab00001,i-lab00002,i-lab00003 "},
		{"muster run -i lab-001,lab-002,lab-", "muster run -i lab-001,lab-002,lab-003 "},
		{"muster run -i 'lab-003", "muster run -i 'lab-003' "},
		{`muster run -i "lab-003`, `muster run -i "lab-003" `},
		{"muster run -t role=d", "muster run -t role=db "},
		{"muster run --tag=role=d", "muster run --tag=role=db "},
		{"muster run --tag=ro", "muster run --tag=role="},
		{"muster run -i @d", "muster run -i @db "},
		{"muster run -i lab-001,@d", "muster run -i lab-001,@db "},
		{"muster run --on-ineligible f", "muster run --on-ineligible fail "},
		{"muster run --on-ineligible=f", "muster run --on-ineligible=fail "},
		{"muster run --region us-west", "muster run --region us-west-1 "},
		{"muster run --region $site --on-ineligible f", "muster run --region $site --on-ineligible fail "},
		{"muster run --region $site,us-west", "muster run --region $site,us-west-1 "},
		{"muster explain ClientNotRe", "muster explain ClientNotResponse "},
		{"muster run -f dep", "muster run -f deploy.sh "},
		{"muster run --file=dep", "muster run --file=deploy.sh "},
		{"muster run -t a:b --on-ineligible f", "muster run -t a:b --on-ineligible fail "},
		{`muster run --where '.Tags.x == "|"' --on-ineligible f`, `muster run --where '.Tags.x == "|"' --on-ineligible fail `},
		// Nothing that was typed is run, and a redirection is not one of muster's words.
		{"muster run > kept 2>other --on-ineligible f", "muster run > kept 2>other --on-ineligible fail "},
		{"muster run > dep", "muster run > deploy.sh "},
		{"muster run -i $(touch evaluated) --on-ineligible f", "muster run -i $(touch evaluated) --on-ineligible fail "},
		{"muster run -i `touch evaluated` --on-ineligible f", "muster run -i `touch evaluated` --on-ineligible fail "},
	} {
		got, shown := bash.tab(tt.typed + "\t")
		if got != tt.want {
			t.Errorf("%q: got %q, want %q; the terminal shows %q", tt.typed, got, tt.want, shown)
		}
		if strings.Contains(shown, "not found") {
			t.Errorf("%q: the terminal shows %q", tt.typed, shown)
		}
	}
	if got, _ := bash.tab("muster run  --tag x\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D--on-inel\t"); got != "muster run --on-ineligible --tag x" && got != "muster run --on-ineligible  --tag x" {
		t.Errorf("within a line: got %q", got)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "kept")); err != nil || string(got) != "kept" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, name := range []string{"evaluated", "other"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("Tab made the file %s", name)
		}
	}
	if _, shown := bash.tab("muster run -i i-lab0000\t\t"); !strings.Contains(shown, "i-lab00001  (lab-001)") {
		t.Errorf("an instance without its name: %q", shown)
	}
	if _, shown := bash.tab("muster run --output\t\t"); strings.Contains(shown, "`") || !strings.Contains(shown, "--output-dir") {
		t.Errorf("got %q", shown)
	}
}

// TestCompletionInOldBash passes words like bash 3, which splits them only at spaces and has no compopt.
func TestCompletionInOldBash(t *testing.T) {
	env := completionLab(t)
	for _, tt := range []struct{ word, end, want string }{
		{"role=d", "d", "db "},
		{"--tag=role=d", "d", "db "},
		{"--on-ineligible=f", "f", "fail "},
		{"--on-inel", "--on-inel", "--on-ineligible "},
		{"role", "role", "role="},
	} {
		script := `source "$1"; enable -n compopt
COMP_WORDS=(muster run -t "$2"); COMP_CWORD=3; COMP_LINE="muster run -t $2"; COMP_POINT=${#COMP_LINE}
if [[ $2 == --* ]]; then COMP_WORDS=(muster run "$2"); COMP_CWORD=2; COMP_LINE="muster run $2"; COMP_POINT=${#COMP_LINE}; fi
unset COMP_TYPE; __start_muster muster "$3" -t; printf '<%s>' "${COMPREPLY[@]}"`
		got := inShell(t, env, "bash", "--norc", "-c", script, "bash", completionScript(t, "muster.bash"), tt.word, tt.end)
		if want := fmt.Sprintf("<%s>", tt.want); got != want {
			t.Errorf("%s: got %s, want %s", tt.word, got, want)
		}
	}
}

// TestBashWords checks that bash reads a completed line as the intended words.
func TestBashWords(t *testing.T) {
	words := []string{"it's", `"; touch x; "`, "'; touch x; '", "$(touch x)", "`touch x`", "a b", `back\slash`, "wéb-å", "{a,b}", "~", "#1", "*"}
	for char := ' '; char <= '~'; char++ {
		words = append(words, "a"+string(char)+"b", string(char))
	}
	script := `source "$1"; shift
for word in "$@"; do
    for quote in '' \' \"; do
        __muster_escape "$word" "$quote"
        eval "set -- $quote$escaped$quote"
        [[ $1 == "$word" && $# == 1 ]] || printf '%s%s: %s\n' "$quote" "$word" "$escaped"
    done
    __muster_escape "$word" ''
    __muster_unquote "$escaped"
    [[ $unquoted == "$word" ]] || printf 'unquoted %s: %s\n' "$word" "$unquoted"
done`
	if out := inShell(t, nil, "bash", append([]string{"--norc", "-c", script, "bash", completionScript(t, "muster.bash")}, words...)...); out != "" {
		t.Error(out)
	}
}
