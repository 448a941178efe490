package runner

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/pkg/lab/runner/runnertest"
)

func TestKillTree(t *testing.T) {
	b := newTestRunner(t)
	for _, tree := range []bool{false, true} {
		path, line := fifo(t)
		// The second child leaves the process group, but not its parent.
		s := b.script("sleep 1000 & a=$!; setsid sleep 1000 & sleep 0; echo $$ $a $! >" + path + "; wait")
		s.KillTree = tree
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan Outcome)
		go func() { done <- b.Run(ctx, s, NewOutput(time.Now, Reporting{})) }()
		var family []runnertest.Process
		for pid := range strings.FieldsSeq(line()) {
			family = append(family, runnertest.OpenProcess(t, pid))
		}
		cancel()
		if o := <-done; o.End != Stopped {
			t.Errorf("%+v", o)
		}
		if !family[0].Exited(t, -1) {
			t.Error("the script is still running")
		}
		for i, child := range family[1:] {
			if tree {
				child.Exited(t, -1)
			} else if child.Exited(t, 0) {
				t.Errorf("child %d was killed with TerminationMode Process", i)
			}
		}
	}
}

func TestCloseKillsLeftoverProcesses(t *testing.T) {
	b := newTestRunner(t)
	var left []runnertest.Process
	for _, content := range []string{
		"sleep 1000 & echo $! >$FIFO",
		"env -i sleep 1000 & echo $! >$FIFO",
		"setsid sleep 1000 & echo $! >$FIFO",
		`(sh -c 'trap "" TERM HUP; sleep 1000 & echo $! >$FIFO; wait' &)`,
		`(setsid sh -c 'setsid sleep 1000 & echo $! >$FIFO' &)`,
		"env -i setsid sleep 1000 & echo $! >$FIFO",
		`(setsid sh -c 'exec env -i setsid sleep 1000 & echo $! >$FIFO' &)`,
	} {
		path, line := fifo(t)
		s := b.script(content)
		s.Env = []string{"FIFO=" + path}
		done := make(chan Outcome)
		go func() { done <- b.Run(t.Context(), s, NewOutput(time.Now, Reporting{})) }()
		left = append(left, runnertest.OpenProcess(t, line()))
		if o := <-done; o.End != Exited {
			t.Errorf("%q: %+v", content, o)
		}
	}
	bystander := exec.Command("sleep", "1000")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	other := runnertest.OpenProcess(t, strconv.Itoa(bystander.Process.Pid))
	b.Close()
	for i, p := range left {
		if !p.Exited(t, 0) {
			t.Errorf("process %d is still running", i)
		}
	}
	if other.Exited(t, 0) {
		t.Error("a process of another program was killed")
	}
	kill(t, bystander)
}

// TestOrphansAreReaped runs a script that waits until a process of another script no longer exists.
func TestOrphansAreReaped(t *testing.T) {
	b := newTestRunner(t)
	b.output(t, b.script("(setsid sleep 1000 & echo $! >daemon)"))
	got := b.output(t, b.script("kill $(cat daemon); while kill -0 $(cat daemon); do sleep 0.01; done 2>/dev/null; echo gone"))
	if got != "gone\n" {
		t.Errorf("%q", got)
	}
}

func TestEmptyGroupsArePruned(t *testing.T) {
	b := newTestRunner(t)
	b.output(t, b.script("sleep 1000 &"))
	living := slices.Collect(maps.Keys(b.groups.leaderless))
	if len(living) != 1 {
		t.Fatalf("groups %v, want one", living)
	}
	for range 20 {
		leader := exec.Command("true")
		leader.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := leader.Run(); err != nil {
			t.Fatal(err)
		}
		b.groups.leaderless[leader.Process.Pid] = struct{}{}
	}
	b.groups.pruneAt = 10
	b.groups.track(living[0])
	if now := slices.Collect(maps.Keys(b.groups.leaderless)); !slices.Equal(now, living) {
		t.Errorf("groups %v, want %v", now, living)
	}
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process was killed, and yet it succeeded")
	}
}

// TestScriptsDieWithTheLab kills another process that has a Runner. That process cannot clean up.
func TestScriptsDieWithTheLab(t *testing.T) {
	const variable = "LAB_TEST_FIFO"
	if path := os.Getenv(variable); path != "" {
		r := New(filepath.Join(filepath.Dir(path), "bin"))
		content := "#!/bin/sh\nsleep 1000 & a=$!; setsid sleep 1000 & echo $$ $a $! >" + path + "\nexec sleep 1000"
		r.Run(context.Background(), Script{Content: []byte(content), Path: path + ".script"}, NewOutput(time.Now, Reporting{}))
		return
	}
	path, line := fifo(t)
	lab := exec.Command(os.Args[0], "-test.run=^TestScriptsDieWithTheLab$")
	lab.Env = append(os.Environ(), variable+"="+path)
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	var family []runnertest.Process
	for pid := range strings.FieldsSeq(line()) {
		family = append(family, runnertest.OpenProcess(t, pid))
	}
	if family[0].Exited(t, 0) {
		t.Error("the script ended before the lab")
	}
	kill(t, lab)
	for _, p := range family {
		p.Exited(t, -1)
	}
}

// TestProcessesEndAfterSIGKILL kills a Runner's process, which has no watchdog. The script dies with it, and processes that the
// script left behind die when the next Runner with the same mark is made.
func TestProcessesEndAfterSIGKILL(t *testing.T) {
	path, line := fifo(t)
	testProcessesEndAfterSIGKILL(t, nil, path, line)
}

// testProcessesEndAfterSIGKILL is the body of a test. It runs the test again in another process, the one to kill.
func testProcessesEndAfterSIGKILL(t *testing.T, as *OSUser, path string, line func() string) {
	t.Helper()
	const variable = "LAB_TEST_KILLED_FIFO"
	mark := t.Name()
	if path := os.Getenv(variable); path != "" {
		r := NewAfter(filepath.Join(filepath.Dir(path), "bin"), mark)
		r.watchdog.shell = "" // so that no watchdog starts
		content := fmt.Sprintf("#!/bin/sh\nsetsid sleep 1000 &\necho $$ $! >%s\nexec sleep 1000", path)
		r.Run(context.Background(), Script{Content: []byte(content), Path: path + ".script", Dir: "/", As: as}, NewOutput(time.Now, Reporting{}))
		return
	}
	process := exec.Command(os.Args[0], "-test.run=^"+mark+"$")
	process.Env = append(os.Environ(), variable+"="+path)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(line())
	child, leftover := runnertest.OpenProcess(t, pids[0]), runnertest.OpenProcess(t, pids[1])
	kill(t, process)
	child.Exited(t, -1)
	if leftover.Exited(t, 0) {
		t.Error("the process left behind ended before the next Runner was made")
	}
	NewAfter(t.TempDir(), mark).Close()
	if !leftover.Exited(t, 0) {
		t.Error("the next Runner does not kill the process left behind")
	}
}

func TestThreadsEndWithTheRunner(t *testing.T) {
	threads := func() int {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		return len(tasks)
	}
	const runners = 50
	before := threads()
	for range runners {
		b := newTestRunner(t)
		b.output(t, b.script(":"))
		b.Close()
	}
	if more := threads() - before; more > runners*starterThreads/2 {
		t.Errorf("%d threads more", more)
	}
}
