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

// inShell runs a script in a shell, with muster in the PATH, and returns its output. It skips the test without the shell.
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

// completionScript returns the file that is installed for a shell.
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
	for _, kind := range []string{kindInstances, kindRegions} { // without the time limit of a completion
		inShell(t, env, "muster", fetchCommand, kind)
	}
	return env
}

func TestCompletionInFish(t *testing.T) {
	env, dir := completionLab(t), t.TempDir()
	for _, tt := range []struct{ typed, want string }{
		{"muster run -i ", "i-lab00001\tlab-001\n"},
		{"muster run -i 'i-lab00003", "i-lab00003\tlab-003\n"},
		{"muster run --tag=role=d", "--tag=role=db\t1 instance\n"},
		{"muster help lab inst", "instances\t"},
		// Nothing that was typed is run.
		{"muster run -i (touch $argv[2]/evaluated) -o js", "json\n"},
		{"muster run --name 'x; touch $argv[2]/evaluated; true' -o js", "json\n"},
	} {
		typed := strings.ReplaceAll(tt.typed, "$argv[2]", dir)
		out := inShell(t, env, "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", completionScript(t, "muster.fish"), typed)
		if !strings.Contains(out, tt.want) {
			t.Errorf("%s: got %q", typed, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "evaluated")); err == nil {
		t.Error("Tab has run what was typed")
	}
}

// zsh completes only within the line editor, so that the test looks at what the script passes to it.
func TestCompletionInZsh(t *testing.T) {
	env, dir := completionLab(t), t.TempDir()
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"muster", "run", "-i", ""}, "i-lab00001:lab-001"},
		{[]string{"muster", "run", "--tag=role=d"}, "role=db:1 instance completions -P --tag="},
		{[]string{"muster", "run", "-t", "role=d"}, "role=db:1 instance completions"},
		{[]string{"muster", "run", "--where", "'.a -o b'", "-i", "lab-001,l"}, "lab-001,lab-002:i-lab00002"},
		// Nothing that was typed is run.
		{[]string{"muster", "run", "-i", "$(touch " + dir + "/evaluated)", "--on-ineligible", "f"}, "fail"},
		{[]string{"muster", "run", "-i", "\"`touch " + dir + "/evaluated`\"", "--on-ineligible", "f"}, "fail"},
	} {
		script := `compdef() { :; }; _describe() { shift; print -r -- "${(@P)1}" "$@"; return 0 }; _arguments() { :; }
source "$1"; shift
words=("$@"); CURRENT=$#; PREFIX=${words[-1]}; _muster`
		args := append([]string{"-f", "-c", script, "zsh", completionScript(t, "_muster")}, tt.words...)
		if out := inShell(t, env, "zsh", args...); !strings.Contains(out, tt.want) {
			t.Errorf("%q: got %q", tt.words, out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "evaluated")); err == nil {
		t.Error("Tab has run what was typed")
	}
}

// A service that never answers does not delay completion, and cached candidates are offered.
func TestCompletionWithSilentService(t *testing.T) {
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
