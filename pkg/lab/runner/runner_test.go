//go:build unix

package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// testRunner is a Runner with a directory for its scripts.
type testRunner struct {
	*Runner
	dir string
}

func newTestRunner(t *testing.T) *testRunner {
	t.Helper()
	dir := t.TempDir()
	b := &testRunner{New(filepath.Join(dir, "bin")), dir}
	b.Alone = true
	t.Cleanup(b.Close)
	return b
}

func (b *testRunner) script(content string) Script {
	return Script{Content: []byte(content), Path: filepath.Join(b.dir, "script"), Dir: b.dir, Home: b.dir}
}

func (b *testRunner) output(t *testing.T, s Script) string {
	t.Helper()
	out := NewOutput(time.Now, Reporting{})
	if o := b.Run(t.Context(), s, out); o.End != Exited || o.ExitCode != 0 {
		t.Errorf("%+v, %q", o, out.Bytes())
	}
	return string(out.Bytes())
}

func TestRun(t *testing.T) {
	b := newTestRunner(t)
	for name, c := range map[string]struct {
		content string
		code    int
		output  string
	}{
		"no shebang":         {"echo hello", 0, "hello\n"},
		"shebang":            {"#!/bin/cat\nunchanged\n", 0, "#!/bin/cat\nunchanged\n"},
		"shebang with word":  {"#!/bin/sh -e\necho a; false; echo b\n", 1, "a\n"},
		"empty":              {"", 0, ""},
		"exit code":          {"exit 7", 7, ""},
		"power off":          {"exit 193", 193, ""},
		"reboot":             {"#!/bin/sh\nexit 194", 194, ""},
		"not executable":     {"/etc/passwd 2>/dev/null", 126, ""},
		"not found":          {"no-such-command 2>/dev/null", 127, ""},
		"no such shebang":    {"#!/no/such/shell\necho hi", 127, "*"},
		"CRLF shebang":       {"#!/bin/sh\r\necho hi\r\n", 127, "*"},
		"killed":             {"kill -9 $$", -1, ""},
		"terminated":         {"#!/bin/sh\nkill -TERM $$", -1, ""},
		"child killed":       {"sh -c 'kill -9 $$' 2>/dev/null; exit $?", 137, ""},
		"both streams":       {"echo a; echo b >&2; echo c; echo d >&2", 0, "a\nb\nc\nd\n"},
		"no input":           {"cat; read x || echo end", 0, "end\n"},
		"raw bytes":          {`printf '\377\000\r'`, 0, "\xff\x00\r"},
		"no terminal":        {"(: </dev/tty) 2>/dev/null || echo none", 0, "none\n"},
		"a group of its own": {`[ "$(ps -o pgid= -p $$)" -eq $$ ] && echo yes`, 0, "yes\n"},
		"mode of the file":   {`ls -l "$0" | cut -c1-10`, 0, "-rwxr-xr-x\n"},
		"child stays behind": {"sleep 1000 & echo done", 0, "done\n"},
		"late child":         {"(sleep 30; echo late) & echo early", 0, "early\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out := NewOutput(time.Now, Reporting{})
			o := b.Run(t.Context(), b.script(c.content), out)
			if o.End != Exited || o.Err != nil || o.ExitCode != c.code {
				t.Errorf("%+v, want code %d", o, c.code)
			}
			if got := string(out.Bytes()); got != c.output && c.output != "*" {
				t.Errorf("output %q, want %q", got, c.output)
			}
			if o.Started.IsZero() || o.Finished.Before(o.Started) {
				t.Errorf("from %v to %v", o.Started, o.Finished)
			}
			if _, err := os.Stat(filepath.Join(b.dir, "script")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the script is still there: %v", err)
			}
		})
	}
}

// TestRunIsShDashC compares a script with `sh -c path`, the agent's own command line. Only a shell's message about a signal
// that killed its child is missing.
func TestRunIsShDashC(t *testing.T) {
	b := newTestRunner(t)
	for _, content := range []string{
		"echo $0 $#; false", "#!/bin/sh\necho $0 $#; ps -o args= -p $$", "#!/bin/cat -n\na", "a b\tc", "", "\n", "#", "#!", "#!/", "#!\n",
		"#!/no/such", "#! /bin/echo a  b ", "#!/bin/sh\r\n", "\x7fELF\x00", "\x00", "echo a\x00b", ":\necho a\x00b", "exit 300", "syntax (",
		"set -o", "env | grep -v ^_= | sort", "trap 'echo bye' EXIT; exit 3", "umask; pwd", "#!/bin/sh\nenv | grep -v ^_= | sort",
	} {
		s := b.script(content)
		ours := NewOutput(time.Now, Reporting{})
		got := b.Run(t.Context(), s, ours)
		s.Launcher = []string{"sh", "-c", s.Path}
		agents := NewOutput(time.Now, Reporting{})
		want := b.Run(t.Context(), s, agents)
		if got.End != want.End || got.ExitCode != want.ExitCode || !bytes.Equal(ours.Bytes(), agents.Bytes()) {
			t.Errorf("%q: got %d, %q; the agent has %d, %q", content, got.ExitCode, ours.Bytes(), want.ExitCode, agents.Bytes())
		}
	}
}

func TestRunEnvironment(t *testing.T) {
	t.Setenv("FROM_THE_LAB", "yes")
	b := newTestRunner(t)
	s := b.script("echo $FROM_THE_LAB $HOME $MORE $PWD; pwd")
	s.Dir = t.TempDir()
	s.Env = []string{"MORE=more"}
	if got, want := b.output(t, s), fmt.Sprintf("yes %s more %s\n%[2]s\n", s.Home, s.Dir); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRunLauncher(t *testing.T) {
	b := newTestRunner(t)
	s := b.script("one\ntwo\n")
	s.Launcher = []string{"grep", "-c", "t", s.Path}
	if got := b.output(t, s); got != "1\n" {
		t.Errorf("%q", got)
	}
}

func TestRunPathsThatNeedQuotes(t *testing.T) {
	for _, name := range []string{"a b", "it's", "$HOME", "a;b", "*", "-x", "ü", "a\nb", `"`, "~", "#"} {
		for _, content := range []string{"echo ok", "#!/bin/sh\necho ok", "\x00"} {
			b := newTestRunner(t)
			s := b.script(content)
			s.Path = filepath.Join(b.dir, name)
			asAgent := exec.Command("sh", "-c", quoteForShell(s.Path))
			if err := os.WriteFile(s.Path, []byte("echo ok"), 0o755); err != nil {
				t.Fatal(err)
			}
			if got, err := asAgent.CombinedOutput(); string(got) != "ok\n" {
				t.Errorf("%q quoted: %q, %v", name, got, err)
			}
			if content != "\x00" {
				if got := b.output(t, s); got != "ok\n" {
					t.Errorf("%q: %q", name, got)
				}
			}
		}
	}
}

func TestQuoteForShell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") }).Draw(t, "word")
		got, err := exec.Command("sh", "-c", "printf %s "+quoteForShell("/"+word)).Output()
		if err != nil || string(got) != "/"+word {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestRunBroken(t *testing.T) {
	b := newTestRunner(t)
	for name, change := range map[string]func(*Script){
		"unwritable file": func(s *Script) { s.Path = filepath.Join(b.dir, "none", "script") },
		"no launcher":     func(s *Script) { s.Launcher = []string{"no-such-launcher", s.Path} },
		"no directory":    func(s *Script) { s.Dir = filepath.Join(b.dir, "none") },
	} {
		s := b.script("#!/bin/sh\necho hi")
		change(&s)
		out := NewOutput(time.Now, Reporting{})
		if o := b.Run(t.Context(), s, out); o.End != Broken || o.Err == nil || len(out.Bytes()) > 0 {
			t.Errorf("%s: %+v, %q", name, o, out.Bytes())
		}
	}

	t.Setenv("PATH", t.TempDir())
	shellless := newTestRunner(t)
	if o := shellless.Run(t.Context(), shellless.script("echo hi"), NewOutput(time.Now, Reporting{})); o.End != Broken || !errors.Is(o.Err, exec.ErrNotFound) {
		t.Errorf("without sh: %+v", o)
	}
}

func TestTimeout(t *testing.T) {
	b := newTestRunner(t)
	for _, tree := range []bool{false, true} {
		for _, content := range []string{"echo first; sleep 1000; echo last", "trap '' TERM INT HUP; echo first; sleep 1000 & wait", "#!/bin/sh\necho first; exec sleep 1000"} {
			s := b.script(content)
			s.Timeout, s.KillTree = 100*time.Millisecond, tree
			out := NewOutput(time.Now, Reporting{})
			o := b.Run(t.Context(), s, out)
			if o.End != TimedOut || o.ExitCode != 1 || !errors.Is(o.Err, errTimeout) || bytes.Contains(out.Bytes(), []byte("last")) {
				t.Errorf("tree %v: %+v, %q", tree, o, out.Bytes())
			}
		}
	}
}

// fifo returns the path of a named pipe for scripts to write to, and a function that waits for what is written next.
func fifo(t *testing.T) (path string, line func() string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "fifo")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		t.Fatal(err)
	}
	return path, func() string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
}

func TestStop(t *testing.T) {
	b := newTestRunner(t)
	for _, tree := range []bool{false, true} {
		path, line := fifo(t)
		s := b.script("echo started; echo $$ >" + path + "; sleep 1000")
		s.KillTree, s.Timeout = tree, time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		out, done := NewOutput(time.Now, Reporting{}), make(chan Outcome)
		go func() { done <- b.Run(ctx, s, out) }()
		line()
		cancel()
		if o := <-done; o.End != Stopped || !errors.Is(o.Err, context.Canceled) || string(out.Bytes()) != "started\n" {
			t.Errorf("%+v, %q", o, out.Bytes())
		}
		if o := b.Run(ctx, s, out); o.End != Stopped || !o.Started.IsZero() {
			t.Errorf("stopped before the start: %+v", o)
		}
	}
}

func TestStopAfterTheEnd(t *testing.T) {
	b := newTestRunner(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := b.Run(ctx, b.script("exit 3"), NewOutput(time.Now, Reporting{}))
	cancel()
	if o.End != Exited || o.ExitCode != 3 {
		t.Errorf("%+v", o)
	}
}

func TestCloseStopsRunningScripts(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newTestRunner(t)
	path, line := fifo(t)
	const runs = 5
	done := make(chan Outcome, runs)
	for i := range runs {
		s := b.script("echo $$ >" + path + "; sleep 1000")
		s.Path += fmt.Sprint(i)
		go func() { done <- b.Run(context.Background(), s, NewOutput(time.Now, Reporting{})) }()
	}
	seen := 0
	for seen < runs {
		seen += len(strings.Fields(line())) // several scripts may have written before the pipe was read
	}
	b.Close()
	b.Close()
	for range runs {
		if o := <-done; o.End != Stopped || !errors.Is(o.Err, ErrClosed) {
			t.Errorf("%+v", o)
		}
	}
	if o := b.Run(context.Background(), b.script("echo late"), NewOutput(time.Now, Reporting{})); o.End != Broken || !errors.Is(o.Err, ErrClosed) {
		t.Errorf("after Close: %+v", o)
	}
}

// TestManyShebangScripts writes and executes many files while other processes are forked. None may fail with "text file busy".
func TestManyShebangScripts(t *testing.T) {
	b := newTestRunner(t)
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			for i := range 40 {
				s := b.script("#!/bin/sh\necho ok\n" + strings.Repeat("# a comment\n", 500))
				s.Path = filepath.Join(b.dir, fmt.Sprintf("%d.%d", worker, i))
				if i%2 == 0 {
					s.Launcher = []string{s.Path}
				}
				out := NewOutput(time.Now, Reporting{})
				if o := b.Run(t.Context(), s, out); o.End != Exited || o.ExitCode != 0 || string(out.Bytes()) != "ok\n" {
					t.Errorf("%+v, %q", o, out.Bytes())
				}
			}
		})
	}
	wg.Wait()
}

func TestRunLongOutput(t *testing.T) {
	b := newTestRunner(t)
	out := NewOutput(time.Now, Reporting{})
	o := b.Run(t.Context(), b.script("yes 0123456789 | head -c 1000000"), out)
	all := bytes.Repeat([]byte("0123456789\n"), 100000)[:1000000]
	if want := slices.Concat(all[:6000], all[len(all)-18576:]); o.End != Exited || !slices.Equal(out.Bytes(), want) || out.Dropped() != 1000000-OutputQuota {
		t.Errorf("%+v, %d bytes, %d dropped", o, len(out.Bytes()), out.Dropped())
	}
}
