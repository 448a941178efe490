//go:build unix

package cmd

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inShell runs a script of a shell, with muster in the PATH, and gives what it printed. It skips the test without the shell.
func inShell(t *testing.T, env []string, shell string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("there is no %s here", shell)
	}
	command := exec.CommandContext(t.Context(), shell, args...)
	command.Env = append(command.Environ(), env...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", shell, err, out)
	}
	return string(out)
}

// completionScript is the file that is installed for a shell.
func completionScript(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "completions", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func completionLab(t *testing.T) []string {
	t.Helper()
	env, id, secret := testLab(t, 3)
	env = append(env, "HOME="+t.TempDir(), "MUSTER_REGION="+labRegion, "ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret)
	for _, kind := range []string{kindInstances, kindRegions} { // without the haste of a completion
		inShell(t, env, "muster", fetchCommand, kind)
	}
	return env
}

// TestCompletionInBash presses Tab by calling what bash calls then.
func TestCompletionInBash(t *testing.T) {
	env := completionLab(t)
	complete := func(kind string, words ...string) []string {
		script := `source "$1"; kind=$2; shift 2
_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD-1]}; }
__ltrim_colon_completions() { :; }
compopt() { :; }
COLUMNS=80; COMP_WORDS=(muster "$@"); COMP_CWORD=$#; COMP_LINE="muster $*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=$kind
__start_muster; printf '%s\n' "${COMPREPLY[@]}"`
		args := append([]string{"--norc", "-c", script, "bash", completionScript(t, "muster.bash"), kind}, words...)
		return strings.Fields(inShell(t, env, "bash", args...))
	}
	for _, tt := range []struct {
		words []string
		want  []string
	}{
		{[]string{"run", "-i", "i-lab00003"}, []string{"i-lab00003"}},
		{[]string{"run", "-t", "role=d"}, []string{"db"}}, // bash takes = for the beginning of a word
		{[]string{"run", "--on-ineligible", "f"}, []string{"fail"}},
		{[]string{"explain", "ClientNotRe"}, []string{"ClientNotResponse"}},
		{[]string{"doc"}, []string{"doctor"}},
		{[]string{"run", "--region", "us-west"}, []string{"us-west-1"}},
	} {
		if got := complete("9", tt.words...); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.words, got, tt.want)
		}
	}
	if got := strings.Join(complete("63", "run", "-i", ""), " "); !strings.Contains(got, "i-lab00001") || !strings.Contains(got, "(lab-001)") {
		t.Errorf("an instance without its name: %s", got)
	}
}

func TestCompletionInFish(t *testing.T) {
	env := completionLab(t)
	out := inShell(t, env, "fish", "--no-config", "-c", "source "+completionScript(t, "muster.fish")+"; complete -C 'muster run -i '")
	if !strings.Contains(out, "i-lab00001\tlab-001\n") {
		t.Errorf("got %q", out)
	}
}

// In zsh a completion runs within the line editor alone, so that what the script hands to it is looked at.
func TestCompletionInZsh(t *testing.T) {
	env := completionLab(t)
	script := `compdef() { :; }; _describe() { shift; print -rl -- "${(@P)1}"; return 0 }; _arguments() { :; }
source "$1"
words=(muster run -i ''); CURRENT=4; _muster`
	out := inShell(t, env, "zsh", "-f", "-c", script, "zsh", completionScript(t, "_muster"))
	if !strings.Contains(out, "i-lab00001:lab-001") {
		t.Errorf("got %q", out)
	}
}

// A service that takes a call and never answers keeps nobody waiting, and what was known before is offered.
func TestCompletionOfASilentService(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	env := []string{
		"HOME=" + t.TempDir(), "MUSTER_REGION=" + labRegion, "MUSTER_ENDPOINT=" + listener.Addr().String(),
		"ALIBABA_CLOUD_ACCESS_KEY_ID=id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret", "MUSTER_READ_TIMEOUT=1s",
	}
	if out := inShell(t, env, "muster", "__complete", "run", "-i", ""); out != ":4\n" {
		t.Errorf("got %q", out)
	}
}
