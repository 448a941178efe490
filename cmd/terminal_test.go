//go:build unix

package cmd

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// onTerminal runs muster with a pseudo-terminal for all three streams, and returns everything written to it.
func onTerminal(t *testing.T, columns uint16, env []string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "muster", args...)
	command.Env = append(command.Environ(), "HOME="+t.TempDir(), "TERM=xterm", "NO_COLOR=", "COLUMNS=", "CI=")
	command.Env = append(command.Env, env...)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 24, Cols: columns})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	var screen bytes.Buffer
	_, _ = io.Copy(&screen, terminal) // ends with EIO once the process has ended
	_ = command.Wait()
	return screen.String()
}

func TestTerminalShowsSpinnerAndColors(t *testing.T) {
	screen := onTerminal(t, 80, nil, "run", "--lab=3", "--", "sleep 1; [ $(hostname) != lab-002 ]")
	for what, want := range map[string]string{
		"counts beside the spinner": "0/3",
		"green for success":         "\x1b[32msuccess\x1b[0m",
		"red for a failure":         "\x1b[31mexit\x1b[0m",
		"the summary":               "3 instances: ",
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("%s is not there: %q", what, screen)
		}
	}
	if hidden, shown := strings.LastIndex(screen, "\x1b[?25l"), strings.LastIndex(screen, "\x1b[?25h"); hidden > shown {
		t.Errorf("the cursor stays hidden: %q", screen)
	}
}

func TestTerminalShowsLinesAsTheyCome(t *testing.T) {
	args := []string{"run", "--lab=2", "--follow", "--", "echo one; sleep 2.5; echo two"}
	screen := onTerminal(t, 80, nil, args...)
	for what, want := range map[string]string{
		"a name in its colour":      "\x1b[36mlab-001\x1b[0m  one\r\n",
		"another one":               "\x1b[35mlab-002\x1b[0m  two\r\n",
		"counts beside the spinner": "0/2",
		"the summary":               "2 instances: ",
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("%s is not there: %q", what, screen)
		}
	}
	if first, counts := strings.Index(screen, "  one\r\n"), strings.LastIndex(screen, "0/2"); first > counts {
		t.Errorf("no line is shown while the scripts run: %q", screen)
	}
	if screen := onTerminal(t, 80, []string{"NO_COLOR=1"}, args...); !strings.Contains(screen, "lab-001  one\r\n") || strings.Contains(screen, "\x1b[3") {
		t.Errorf("there is colour: %q", screen)
	}
}

func TestNoColorKeepsSpinner(t *testing.T) {
	screen := onTerminal(t, 80, []string{"NO_COLOR=1"}, "run", "--lab=2", "--", "sleep 1")
	if !strings.Contains(screen, "0/2") {
		t.Errorf("no counts beside the spinner: %q", screen)
	}
	if strings.Contains(screen, "\x1b[3") {
		t.Errorf("there is colour: %q", screen)
	}
}

func TestDumbTerminalAndQuietShowNeither(t *testing.T) {
	for name, screen := range map[string]string{
		"dumb":  onTerminal(t, 80, []string{"TERM=dumb"}, "run", "--lab=2", "--", "sleep 1"),
		"quiet": onTerminal(t, 80, []string{"NO_COLOR=1"}, "run", "-q", "--lab=2", "--", "sleep 1"),
	} {
		if strings.Contains(screen, "\x1b") || strings.Contains(screen, "0/2") {
			t.Errorf("%s: %q", name, screen)
		}
	}
}

func TestPipeShowsNeither(t *testing.T) {
	command := exec.CommandContext(t.Context(), "muster", "run", "--lab=2", "--", "sleep 1")
	command.Env = append(command.Environ(), "HOME="+t.TempDir(), "TERM=xterm")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if bytes.ContainsRune(output, '\x1b') || bytes.Contains(output, []byte("0/2")) {
		t.Errorf("a pipe got %q", output)
	}
}
