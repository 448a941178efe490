//go:build unix

package runner

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestSignals has what `sh -c PATH` reports, measured with bash 5.2, dash 0.5.12 and busybox 1.35, as the official agent passes it
// on: the exit code of a process that a signal ended is -1 in Go.
func TestSignals(t *testing.T) {
	b := newTestRunner(t)
	for _, c := range []struct {
		shell    Shell
		signal   string
		launcher bool
		code     int
		output   string
	}{
		{"", "KILL", false, -1, ""},
		{Bash, "TERM", false, -1, ""},
		{Busybox, "KILL", false, -1, ""},
		{Dash, "KILL", false, 137, "Killed\n"},
		{Dash, "TERM", false, 143, "Terminated\n"},
		{Dash, "SEGV", false, 139, "Segmentation fault\n"},
		{Dash, "INT", false, 130, ""},
		{Dash, "PIPE", false, 141, ""},
		{Dash, "KILL", true, -1, ""},
	} {
		s := b.script("ulimit -c 0; kill -" + c.signal + " $$")
		s.Shell, s.Timeout = c.shell, time.Minute
		if c.launcher {
			s.Launcher = []string{"sh", s.Path}
		}
		out := NewOutput(time.Now, Reporting{})
		if o := b.Run(t.Context(), s, out); o.End != Exited || o.ExitCode != c.code || string(out.Bytes()) != c.output {
			t.Errorf("%+v: %+v, %q", c, o, out.Bytes())
		}
	}
}

// TestSignalsOfDash compares the report with this machine's dash.
func TestSignalsOfDash(t *testing.T) {
	dash, err := exec.LookPath("dash")
	if err != nil {
		t.Skip(err)
	}
	for _, signal := range []string{"HUP", "QUIT", "ILL", "ABRT", "FPE", "KILL", "BUS", "SEGV", "PIPE", "ALRM", "TERM", "USR1", "USR2"} {
		script := "ulimit -c 0; kill -" + signal + " $$"
		b := newTestRunner(t)
		s := b.script(script)
		s.Shell = Dash
		out := NewOutput(time.Now, Reporting{})
		o := b.Run(t.Context(), s, out)
		// exit keeps dash from replacing itself by the script, as old versions never do.
		cmd := exec.Command(dash, "-c", "sh -c '"+script+"'; exit $?")
		text, err := cmd.CombinedOutput()
		// A process that ignores SIGHUP, such as one of nohup, hands that down to both.
		if err == nil && signal != "HUP" || o.ExitCode != cmd.ProcessState.ExitCode() || string(out.Bytes()) != string(text) {
			t.Errorf("%s: %d and %q, want %d and %q", signal, o.ExitCode, out.Bytes(), cmd.ProcessState.ExitCode(), text)
		}
	}
}

// TestTimeoutBehindDash runs a script that outlives its timeout or stop, as its shell alone is killed.
func TestTimeoutBehindDash(t *testing.T) {
	b := newTestRunner(t)
	for _, stopped := range []bool{false, true} {
		path, line := fifo(t)
		goOn, _ := fifo(t)
		s := b.script("echo begun; read x <" + goOn + "; echo lost; echo went on >" + path)
		s.Shell, s.Timeout = Dash, 100*time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		if stopped {
			s.Timeout = 0
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		out := NewOutput(time.Now, Reporting{})
		o := b.Run(ctx, s, out)
		cancel()
		if o.End == Exited || o.End == Broken || o.Finished.IsZero() || strings.Contains(string(out.Bytes()), "lost") {
			t.Errorf("%+v, %q", o, out.Bytes())
		}
		if err := exec.Command("sh", "-c", "echo >"+goOn).Run(); err != nil {
			t.Fatal(err)
		}
		if got := line(); got != "went on" {
			t.Errorf("%q", got)
		}
	}
}

// TestBehindDashEnds ends a script together with the instance, with its tree, and with the runner.
func TestBehindDashEnds(t *testing.T) {
	b := newTestRunner(t)
	path, line := fifo(t)
	for _, tree := range []bool{false, true} {
		s := b.script("echo $$ >" + path + "; exec sleep 1000")
		s.Shell, s.KillTree = Dash, tree
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan Outcome)
		go func() { done <- b.Run(ctx, s, NewOutput(time.Now, Reporting{})) }()
		pid := line()
		cancel(ErrDown)
		if o := <-done; o.End != Stopped {
			t.Errorf("%+v", o)
		}
		if exec.Command("kill", "-0", pid).Run() == nil {
			t.Error("the script is still running")
		}
	}
	s := b.script("echo $$ >" + path + "; exec sleep 1000")
	s.Shell, s.Timeout = Dash, time.Millisecond
	if o := b.Run(t.Context(), s, NewOutput(time.Now, Reporting{})); o.End != TimedOut {
		t.Errorf("%+v", o)
	}
	pid := line()
	b.Close()
	if exec.Command("kill", "-0", pid).Run() == nil {
		t.Error("the script is still running")
	}
}
