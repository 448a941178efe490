//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pipe is a FIFO that a script opens for writing.
func pipe(t *testing.T) (path string, opened func() *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func() *os.File {
		t.Helper()
		files := make(chan *os.File, 1)
		go func() {
			file, _ := os.OpenFile(path, os.O_RDONLY, 0) // returns once the script has opened it
			files <- file
		}()
		select {
		case file := <-files:
			t.Cleanup(func() { _ = file.Close() })
			return file
		case <-time.After(userPatience):
			t.Fatal("the script has not begun")
			return nil
		}
	}
}

// endsWithItsWriter checks that every process that has the FIFO open for writing ends.
func endsWithItsWriter(t *testing.T, file *os.File) {
	t.Helper()
	buffer := make([]byte, 64)
	for {
		if n, err := file.Read(buffer); n == 0 && err != nil {
			return
		}
	}
}

func TestInterruptDetaches(t *testing.T) {
	machine, env := servedLab(t, 3)
	path, opened := pipe(t)
	u := sitDown(t, env, "muster", "run", "--all", "--waves", "1", "--timeout", "5m", "--", "exec 3>"+path+"; sleep 300")
	opened()
	u.types(ctrlC)
	u.waits("detach: leave it running")
	u.waits(choices)
	u.types("d")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("done: 0\r\n", "still running: 1: lab-001\r\n", "never sent: 2: lab-[002-003]\r\n")
	match := regexp.MustCompile(`come back with: muster (runs resume \S+)`).FindStringSubmatch(u.screen.String())
	if match == nil {
		t.Fatalf("no way back: %q", u.screen.String())
	}
	if len(machine.Executions()) != 1 {
		t.Errorf("%d executions", len(machine.Executions()))
	}

	back := sitDown(t, append(env, "XDG_STATE_HOME="+filepath.Join(u.home, ".local", "state")), "muster", strings.Fields(match[1])...)
	back.waits("0/3")
	back.types(ctrlC)
	back.waits(choices)
	back.types("s")
	if code := back.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	back.sees("1 terminated", "2 unsent", "done: 1: lab-001\r\n", "still running: 0\r\n", "never sent: 2: lab-[002-003]\r\n")
}

func TestInterruptAfterContinuing(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--", "exec 3>"+path+"; sleep 300")
	script := opened()
	u.types(ctrlC)
	u.waits(choices)
	u.types("what?\n")
	u.types("C")
	u.waits("C\r\n")
	u.waits("0/1")
	u.types(ctrlC)
	u.waits("the lab ends, with everything that runs there")
	u.waits(choices)
	u.types(ctrlC)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("done: 0\r\n", "still running: 1: lab-001\r\n", "never sent: 0\r\n")
	if strings.Contains(u.screen.String(), "INSTANCE") {
		t.Errorf("a report after a second interrupt: %q", u.screen.String())
	}
	endsWithItsWriter(t, script)
	u.leftNothing()
}

func TestSecondInterruptExits(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--fault", "StopInvocation=slow:30s", "--", "exec 3>"+path+"; sleep 300")
	script := opened()
	u.types(ctrlC)
	u.waits(choices)
	u.types("s")
	u.waits("another interrupt exits at once")
	u.types(ctrlC)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("still running: 1: lab-001\r\n")
	endsWithItsWriter(t, script)
	u.leftNothing()
}

func TestMenuDisappearsWhenRunEnds(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--", "exec 3>"+path+"; read go <"+path+".go; echo done")
	if err := syscall.Mkfifo(path+".go", 0o600); err != nil {
		t.Fatal(err)
	}
	opened()
	u.types(ctrlC)
	u.waits(choices)
	if err := os.WriteFile(path+".go", []byte("go\n"), 0); err != nil {
		t.Fatal(err)
	}
	if code := u.leaves(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	u.sees("INSTANCE", "1 success")
	for _, line := range u.lines() {
		if strings.Contains(line, "interrupted") || strings.Contains(line, choices[:8]) {
			t.Errorf("the menu stays: %q", line)
		}
	}
}

func TestEndOfInputInMenuUsesOnInterrupt(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--on-interrupt", "stop", "--", "exec 3>"+path+"; sleep 300")
	opened()
	u.types(ctrlC)
	u.waits(choices)
	u.types(ctrlD)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 terminated", "done: 1: lab-001\r\n")
}

func TestTerminationDoesNotAsk(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGQUIT": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			path, opened := pipe(t)
			u := sitDown(t, nil, "muster", "run", "--lab=1", "--", "exec 3>"+path+"; sleep 300")
			script := opened()
			u.signals(signal)
			if code := u.leaves(); code != 130 {
				t.Errorf("exit code %d", code)
			}
			u.sees("1 still running", "still running: 1: lab-001\r\n")
			if strings.Contains(u.screen.String(), choices) {
				t.Errorf("there is a menu: %q", u.screen.String())
			}
			endsWithItsWriter(t, script)
			u.leftNothing()
		})
	}
}

// When a terminal is closed, both its driver and its shell send a signal.
func TestClosedTerminalStops(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=1", "--on-interrupt", "stop", "--", "exec 3>"+path+"; sleep 300")
	script := opened()
	u.signals(syscall.SIGHUP)
	u.waits("stopping what was sent")
	u.signals(syscall.SIGHUP)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 terminated", "done: 1: lab-001\r\n")
	endsWithItsWriter(t, script)
	u.leftNothing()
}

// The script is read from stdin, and the questions use the terminal.
func TestMenuWithScriptFromStdin(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "sh", "-c", "trap : INT; echo 'exec 3>"+path+"; sleep 300' | muster run --lab=1 -; exit $?")
	opened()
	u.types(ctrlC)
	u.waits(choices)
	u.types("d")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("still running: 1: lab-001\r\n")
}

func TestInterruptBeforeAnythingWasSent(t *testing.T) {
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--fault", "RunCommand=slow:30s", "--", "true")
	u.waits("0/2")
	u.types(ctrlC)
	u.waits(choices)
	u.types("d")
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("done: 0\r\n")
	u.leftNothing()
}

func TestInterruptDuringLookup(t *testing.T) {
	u := sitDown(t, nil, "sh", "-c", "echo ready; exec muster run -v --lab=2 --fault DescribeInstances=ServiceUnavailable -- true")
	u.waits("retrying")
	u.types(ctrlC)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("muster: interrupted\r\n")
	u.leftNothing()
}

// TestInterruptDuringGateCommand checks that the gate command and its children end with the wait.
func TestInterruptDuringGateCommand(t *testing.T) {
	path, opened := pipe(t)
	u := sitDown(t, nil, "muster", "run", "--lab=2", "--waves", "1", "--gate", "exec >"+path+"; sleep 600 & sleep 600", "--", "true")
	file := opened()
	u.types(ctrlC)
	u.waits(choices)
	u.types("d")
	endsWithItsWriter(t, file)
	if code := u.leaves(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	u.sees("1 success, 1 unsent")
}
