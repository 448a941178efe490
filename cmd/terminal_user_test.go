//go:build unix

package cmd

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"muster/pkg/lab"
)

// userPatience is the time to wait for a text before the test fails.
const userPatience = 30 * time.Second

// sitter is a user at a terminal where muster runs, who waits for texts and types.
type sitter struct {
	t        *testing.T
	process  *os.Process
	terminal *os.File
	end      func() error
	screen   strings.Builder
	read     int // how much of the screen has been read
	home     string
	temp     string
}

// sitDown starts a command on a terminal, with a home and temporary directory of its own.
func sitDown(t *testing.T, env []string, name string, args ...string) *sitter {
	t.Helper()
	u := &sitter{t: t, home: t.TempDir(), temp: t.TempDir()}
	ctx, cancel := context.WithTimeout(t.Context(), userPatience)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append(command.Environ(), "HOME="+u.home, "TMPDIR="+u.temp, "TERM=xterm", "NO_COLOR=1", "COLUMNS=", "CI=")
	command.Env = append(command.Env, env...)
	var err error
	if u.terminal, err = pty.StartWithSize(command, &pty.Winsize{Rows: 40, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	u.process, u.end = command.Process, command.Wait
	t.Cleanup(func() { _ = u.terminal.Close() })
	return u
}

// waits waits for a text after those that were waited for before.
func (u *sitter) waits(text string) {
	u.t.Helper()
	buffer := make([]byte, 4096)
	for {
		if at := strings.Index(u.screen.String()[u.read:], text); at >= 0 {
			u.read += at + len(text)
			return
		}
		n, err := u.terminal.Read(buffer)
		u.screen.Write(buffer[:n])
		if err != nil && n == 0 {
			u.t.Fatalf("%q never came: %q", text, u.screen.String())
		}
	}
}

func (u *sitter) types(keys string) {
	u.t.Helper()
	if _, err := u.terminal.WriteString(keys); err != nil {
		u.t.Fatal(err)
	}
}

// leaves waits for the end, and returns the exit code.
func (u *sitter) leaves() int {
	u.t.Helper()
	buffer := make([]byte, 4096)
	for {
		n, err := u.terminal.Read(buffer)
		u.screen.Write(buffer[:n])
		if err != nil {
			break // EIO once the process has ended
		}
	}
	err := u.end()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if err != nil && !ok {
		u.t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

// sees checks that the screen shows texts after what was waited for, and does not show others.
func (u *sitter) sees(want ...string) {
	u.t.Helper()
	rest := u.screen.String()[u.read:]
	for _, text := range want {
		if !strings.Contains(rest, text) {
			u.t.Errorf("%q is not there: %q", text, rest)
		}
	}
}

func (u *sitter) leftNothing() {
	u.t.Helper()
	left, err := filepath.Glob(filepath.Join(u.temp, "*"))
	if err != nil || len(left) > 0 {
		u.t.Errorf("left behind: %q, %v", left, err)
	}
}

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
	// choices is the end of the menu.
	choices = "d, s or c? "
)

// servedLab is a lab in this process, with the environment to reach it.
func servedLab(t *testing.T, instances int) (*lab.Lab, []string) {
	t.Helper()
	machine, endpoint := startedLab(t, instances)
	id, secret := machine.Key()
	return machine, []string{
		"ALIBABA_CLOUD_ENDPOINT=" + endpoint, "ALIBABA_CLOUD_REGION_ID=" + labRegion,
		"ALIBABA_CLOUD_ACCESS_KEY_ID=" + id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + secret,
	}
}

func (u *sitter) signals(s syscall.Signal) {
	u.t.Helper()
	if err := u.process.Signal(s); err != nil {
		u.t.Fatal(err)
	}
}
