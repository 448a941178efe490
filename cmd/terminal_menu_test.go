//go:build unix

package cmd

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// sitDownInShell is sitDown for a shell that runs muster and then prints the state of the terminal.
func sitDownInShell(t *testing.T, script string) *sitter {
	t.Helper()
	return sitDown(t, nil, "sh", "-c", "trap : INT; "+script+"; echo code $?; stty -a")
}

// seesTerminalGivenBack checks that the terminal is in line mode with echo.
func (u *sitter) seesTerminalGivenBack(code string) {
	u.t.Helper()
	_ = u.leaves()
	u.sees("code " + code + "\r\n")
	_, state, _ := strings.Cut(u.screen.String(), "code ")
	for _, word := range []string{"icanon", "echo", "isig"} {
		if words := strings.Fields(state); !slices.Contains(words, word) {
			u.t.Errorf("the terminal is left without %s: %q", word, state)
		}
	}
	if !strings.Contains(state, "susp = ^Z") {
		u.t.Errorf("Ctrl-Z is lost: %q", state)
	}
}

func TestMenuRestoresTerminal(t *testing.T) {
	run := func(path string) string { return "muster run --lab=1 -- 'exec 3>" + path + "; sleep 300'" }
	for name, leave := range map[string]func(*sitter){
		"detach":              func(u *sitter) { u.types("d") },
		"stop":                func(u *sitter) { u.types("s") },
		"another Ctrl-C":      func(u *sitter) { u.types(ctrlC) },
		"end of input":        func(u *sitter) { u.types(ctrlD) },
		"continue, then exit": func(u *sitter) { u.types("c"); u.waits("0/1"); u.types(ctrlC); u.waits(choices); u.types(ctrlC) },
	} {
		t.Run(name, func(t *testing.T) {
			path, opened := pipe(t)
			u := sitDownInShell(t, run(path))
			opened()
			u.types(ctrlC)
			u.waits(choices)
			leave(u)
			u.seesTerminalGivenBack("130")
		})
	}
}

func TestTerminationDuringMenuRestoresTerminal(t *testing.T) {
	path, opened := pipe(t)
	u := sitDownInShell(t, "sh -c 'echo pid $$; exec muster run --lab=1 -- \"exec 3>"+path+"; sleep 300\"'")
	opened()
	u.types(ctrlC)
	u.waits(choices)
	_, text, _ := strings.Cut(u.screen.String(), "pid ")
	pid, err := strconv.Atoi(strings.Fields(text)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	u.seesTerminalGivenBack("130")
}

func TestMenuKeys(t *testing.T) {
	path, opened := pipe(t)
	u := sitDownInShell(t, "muster run --lab=1 -- 'exec 3>"+path+"; sleep 300'")
	opened()
	u.types(ctrlC)
	u.waits("stop everything; processes that a script started, or where sh is dash the script itself, may\r\n     continue, since the run has no --termination-mode=ProcessTree")
	u.waits(choices)
	u.types("x \r?\x1a")
	u.types("D")
	u.waits("D\r\n")
	u.seesTerminalGivenBack("130")
	u.sees("still running: 1: lab-001\r\n")
}

func TestMenuReportsProcessTree(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--termination-mode", "ProcessTree", "--", "exec 3>"+path+"; sleep 300")
	opened()
	u.types(ctrlC)
	u.waits("  s  stop everything\r\n")
	u.types("s")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 terminated")
}

func TestMenuIsErasedWhenRunEnds(t *testing.T) {
	path, opened := pipe(t)
	u := sitDownInShell(t, "muster run --lab=1 -- 'exec 3>"+path+"; read go <"+path+".go; echo done'")
	if err := syscall.Mkfifo(path+".go", 0o600); err != nil {
		t.Fatal(err)
	}
	opened()
	u.types(ctrlC)
	u.waits(choices)
	if err := os.WriteFile(path+".go", []byte("go\n"), 0); err != nil {
		t.Fatal(err)
	}
	u.seesTerminalGivenBack("0")
	for _, line := range u.lines() {
		if strings.Contains(line, "interrupted") || strings.Contains(line, "detach") || strings.Contains(line, "s or c?") {
			t.Errorf("the menu stays: %q", line)
		}
	}
}
