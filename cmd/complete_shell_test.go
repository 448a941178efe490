//go:build unix

package cmd

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
	home := t.TempDir()
	settings := filepath.Join(home, ".config", "muster", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(settings, []byte("groups:\n  db: {tag: [role=db]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env = append(env, "HOME="+home, "MUSTER_REGION="+labRegion, "ALIBABA_CLOUD_ACCESS_KEY_ID="+id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+secret)
	for _, kind := range []string{kindInstances, kindRegions} { // without the haste of a completion
		inShell(t, env, "muster", fetchCommand, kind)
	}
	return env
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
