package cmd

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// conversation answers each question at a terminal once it is shown, and returns everything shown.
func conversation(t *testing.T, env []string, answers [][2]string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "muster", args...)
	command.Env = append(append(command.Environ(), "TERM=xterm", "NO_COLOR=1", "CI="), env...)
	terminal, err := pty.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	var screen bytes.Buffer
	for chunk := make([]byte, 4096); ; {
		n, err := terminal.Read(chunk)
		screen.Write(chunk[:n])
		if len(answers) > 0 && strings.HasSuffix(screen.String(), answers[0][0]) {
			if strings.Contains(answers[0][0], "not shown") {
				untilHidden(t, terminal)
			}
			if _, err := io.WriteString(terminal, answers[0][1]+"\n"); err != nil {
				t.Error(err)
			}
			answers = answers[1:]
		}
		if err != nil { // EIO once the process has ended
			break
		}
	}
	err = command.Wait()
	if err != nil || len(answers) > 0 {
		t.Fatalf("%v, with %d answers left: %s", err, len(answers), screen.String())
	}
	return screen.String()
}

// untilHidden waits until the terminal no longer echoes.
func untilHidden(t *testing.T, terminal *os.File) {
	t.Helper()
	for {
		state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
		runtime.Gosched()
	}
}

func TestConfigInitAsksForMissingSettings(t *testing.T) {
	env, id, secret := testLab(t, 3)
	home := t.TempDir()
	env = append(env, "HOME="+home)
	screen := conversation(t, env, [][2]string{
		{"AccessKey ID: ", id},
		{"AccessKey secret (not shown): ", secret},
		{"Region [cn-hangzhou]: ", "cn-hangzou"},
		{"Region [cn-hangzhou]: ", ""},
	}, "config", "init")
	for _, want := range []string{`there is no region "cn-hangzou"; did you mean "cn-hangzhou"?`, "39 of 39 answer", "~/.config/muster/config.yaml", "is not stored: save it with aliyun configure"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%s is not there: %s", want, screen)
		}
	}
	if strings.Contains(screen, secret) {
		t.Errorf("the secret is shown: %s", screen)
	}
	if text, err := os.ReadFile(filepath.Join(home, ".config", "muster", "config.yaml")); err != nil || string(text) != "region: cn-hangzhou\n" {
		t.Errorf("%v: %q", err, text)
	}
	if _, err := os.Stat(filepath.Join(home, ".aliyun")); err == nil {
		t.Error("the aliyun CLI's directory was made")
	}
}

func TestConfigInitAsksForProfile(t *testing.T) {
	env, id, secret := testLab(t, 1)
	home := t.TempDir()
	store := `{"current": "a", "profiles": [{"name": "a", "mode": "AK", "access_key_id": "x", "access_key_secret": "y", "region_id": "cn-beijing"},
		{"name": "b", "mode": "AK", "access_key_id": "` + id + `", "access_key_secret": "` + secret + `"}]}`
	if err := os.MkdirAll(filepath.Join(home, ".aliyun"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".aliyun", "config.json"), []byte(store), 0o600); err != nil {
		t.Fatal(err)
	}
	conversation(t, append(env, "HOME="+home), [][2]string{
		{"Profile (a, b) [a]: ", "bb"}, {"Profile (a, b) [a]: ", "b"}, {"Region [cn-hangzhou]: ", "cn-shanghai"},
	}, "config", "init")
	text, err := os.ReadFile(filepath.Join(home, ".config", "muster", "config.yaml"))
	if err != nil || string(text) != "profile: b\nregion: cn-shanghai\n" {
		t.Errorf("%v: %q", err, text)
	}
	if now, err := os.ReadFile(filepath.Join(home, ".aliyun", "config.json")); err != nil || string(now) != store {
		t.Errorf("the aliyun CLI's file has changed: %v, %s", err, now)
	}
}

func TestConfigInitAsksIfCurrentProfileIsMissing(t *testing.T) {
	env, id, secret := testLab(t, 1)
	home := t.TempDir()
	store := `{"current": "gone", "profiles": [{"name": "b", "mode": "AK", "access_key_id": "` + id + `", "access_key_secret": "` + secret + `", "region_id": "cn-hangzhou"}]}`
	if err := os.MkdirAll(filepath.Join(home, ".aliyun"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".aliyun", "config.json"), []byte(store), 0o600); err != nil {
		t.Fatal(err)
	}
	conversation(t, append(env, "HOME="+home), [][2]string{{"Profile (b): ", "b"}}, "config", "init")
	text, err := os.ReadFile(filepath.Join(home, ".config", "muster", "config.yaml"))
	if err != nil || string(text) != "profile: b\n" {
		t.Errorf("%v: %q", err, text)
	}
}
