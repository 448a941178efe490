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

	"golang.org/x/sys/unix"
)

// watched is a process that is known for sure, whatever becomes of its number.
type watched int

func watch(t *testing.T, pid string) watched {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(n, 0)
	if err != nil {
		t.Skip("no pidfd for", n, err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return watched(fd)
}

// ended waits for the process's end for as long as timeout, in milliseconds, allows; -1 is for ever.
func (w watched) ended(t *testing.T, timeout int) bool {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(w), Events: unix.POLLIN}}, timeout)
		if err == nil {
			return n == 1
		}
		if err != unix.EINTR {
			t.Fatal(err)
		}
	}
}

func TestKillTree(t *testing.T) {
	b := newBench(t)
	for _, tree := range []bool{false, true} {
		path, line := fifo(t)
		// The second child leaves the process group, but not its parent.
		s := b.script("sleep 1000 & a=$!; setsid sleep 1000 & sleep 0; echo $$ $a $! >" + path + "; wait")
		s.KillTree = tree
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan Outcome)
		go func() { done <- b.Run(ctx, s, NewOutput(time.Now)) }()
		var family []watched
		for pid := range strings.FieldsSeq(line()) {
			family = append(family, watch(t, pid))
		}
		cancel()
		if o := <-done; o.End != Stopped {
			t.Errorf("%+v", o)
		}
		if !family[0].ended(t, -1) {
			t.Error("the script lives")
		}
		for i, child := range family[1:] {
			if tree {
				child.ended(t, -1)
			} else if child.ended(t, 0) {
				t.Errorf("child %d was killed with TerminationMode Process", i)
			}
		}
	}
}

func TestCloseEndsWhatScriptsLeaveBehind(t *testing.T) {
	b := newBench(t)
	var left []watched
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
		go func() { done <- b.Run(t.Context(), s, NewOutput(time.Now)) }()
		left = append(left, watch(t, line()))
		if o := <-done; o.End != Exited {
			t.Errorf("%q: %+v", content, o)
		}
	}
	bystander := exec.Command("sleep", "1000")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	other := watch(t, strconv.Itoa(bystander.Process.Pid))
	b.Close()
	for i, p := range left {
		if !p.ended(t, 0) {
			t.Errorf("process %d lives", i)
		}
	}
	if other.ended(t, 0) {
		t.Error("a stranger was killed")
	}
	kill(t, bystander)
}

// TestDisownedProcessesAreWaitedFor has a script wait for the end of what another one has left behind.
func TestDisownedProcessesAreWaitedFor(t *testing.T) {
	b := newBench(t)
	b.output(t, b.script("(setsid sleep 1000 & echo $! >daemon)"))
	got := b.output(t, b.script("kill $(cat daemon); while kill -0 $(cat daemon); do sleep 0.01; done 2>/dev/null; echo gone"))
	if got != "gone\n" {
		t.Errorf("%q", got)
	}
}

func TestGroupsAreForgotten(t *testing.T) {
	b := newBench(t)
	b.output(t, b.script("sleep 1000 &"))
	living := slices.Collect(maps.Keys(b.groups.left))
	if len(living) != 1 {
		t.Fatalf("groups %v, want one", living)
	}
	for range 20 {
		ended := exec.Command("true")
		ended.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := ended.Run(); err != nil {
			t.Fatal(err)
		}
		b.groups.left[ended.Process.Pid] = struct{}{}
	}
	b.groups.tidyWhen = 10
	b.groups.leave(living[0])
	if now := slices.Collect(maps.Keys(b.groups.left)); !slices.Equal(now, living) {
		t.Errorf("groups %v, want %v", now, living)
	}
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("killed, and yet it ended well")
	}
}

// TestScriptsDieWithTheLab kills a lab in another process, without a chance to clean up.
func TestScriptsDieWithTheLab(t *testing.T) {
	const variable = "LAB_TEST_FIFO"
	if path := os.Getenv(variable); path != "" {
		r := New(filepath.Join(filepath.Dir(path), "bin"))
		content := "#!/bin/sh\nsleep 1000 & a=$!; setsid sleep 1000 & echo $$ $a $! >" + path + "\nexec sleep 1000"
		r.Run(context.Background(), Script{Content: []byte(content), Path: path + ".script"}, NewOutput(time.Now))
		return
	}
	path, line := fifo(t)
	lab := exec.Command(os.Args[0], "-test.run=^TestScriptsDieWithTheLab$")
	lab.Env = append(os.Environ(), variable+"="+path)
	if err := lab.Start(); err != nil {
		t.Fatal(err)
	}
	var family []watched
	for pid := range strings.FieldsSeq(line()) {
		family = append(family, watch(t, pid))
	}
	if family[0].ended(t, 0) {
		t.Error("the script has not waited for the lab's end")
	}
	kill(t, lab)
	for _, p := range family {
		p.ended(t, -1)
	}
}

// TestProcessesEndAfterAKill kills a runner's process, and what waits for its end: the script dies with it, and what had
// left the script at the next start.
func TestProcessesEndAfterAKill(t *testing.T) {
	path, line := fifo(t)
	endAfterAKill(t, nil, path, line)
}

// endAfterAKill is a test's, which runs itself again as the process that is killed.
func endAfterAKill(t *testing.T, as *OSUser, path string, line func() string) {
	t.Helper()
	const variable = "LAB_TEST_KILLED_FIFO"
	mark := t.Name()
	if path := os.Getenv(variable); path != "" {
		r := NewAfter(filepath.Join(filepath.Dir(path), "bin"), mark)
		r.watchdog.shell = "" // and so it has none
		content := fmt.Sprintf("#!/bin/sh\nsetsid sleep 1000 &\necho $$ $! >%s\nexec sleep 1000", path)
		r.Run(context.Background(), Script{Content: []byte(content), Path: path + ".script", Dir: "/", As: as}, NewOutput(time.Now))
		return
	}
	process := exec.Command(os.Args[0], "-test.run=^"+mark+"$")
	process.Env = append(os.Environ(), variable+"="+path)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	pids := strings.Fields(line())
	child, left := watch(t, pids[0]), watch(t, pids[1])
	kill(t, process)
	child.ended(t, -1)
	if left.ended(t, 0) {
		t.Error("what had left the script has not waited for the next start")
	}
	NewAfter(t.TempDir(), mark).Close()
	if !left.ended(t, 0) {
		t.Error("the next start leaves a process")
	}
}

func TestThreadsGoWithTheRunner(t *testing.T) {
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
		b := newBench(t)
		b.output(t, b.script(":"))
		b.Close()
	}
	if more := threads() - before; more > runners*startThreads/2 {
		t.Errorf("%d threads more", more)
	}
}
