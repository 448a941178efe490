package lab

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/runner/runnertest"
)

const otherUser = "nobody"

// requireRoot skips a test that needs root, and returns the other user.
func requireRoot(t *testing.T) *user.User {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root's lab runs scripts of other users")
	}
	other, err := user.Lookup(otherUser)
	if err != nil {
		t.Skip(err)
	}
	return other
}

// asOther returns a request to run a script as the other user.
func asOther(content string) *assist.RunCommandRequest {
	r := shell(content)
	r.Username, r.WorkingDir = otherUser, "/" // it may have no home
	return r
}

func TestOtherUser(t *testing.T) {
	other := requireRoot(t)
	t.Setenv("SECRET_OF_ROOT", "yes")
	t.Setenv("TMPDIR", t.TempDir()) // which other users cannot enter
	t.Setenv("LC_TIME", "C")
	l := newLab(t, Options{Instances: NumberedInstances(2), Dir: filepath.Join(t.TempDir(), "closed")})
	b := open(t, l)
	r := asOther(`id -un; id -u; id -g; id -G; echo "$HOME $USER $LOGNAME $LC_TIME [$SECRET_OF_ROOT]"; pwd; hostname
echo out >/dev/stdout; echo err >/dev/stderr
ls -l "$0" | cut -c1-10; ls "$(dirname "$0")" 2>/dev/null || echo unseen; touch "$0.x" 2>/dev/null || echo unwritten; exec cat /proc/self/status | grep ^CapEff`)
	groups, err := other.GroupIds()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		otherUser, other.Uid, other.Gid, strings.Join(groups, " "), other.HomeDir + " nobody nobody C []", "/", "lab-001",
		"out", "err", "-rwx------", "unseen", "unwritten", "CapEff:\t0000000000000000", "",
	}, "\n")
	if got := b.run(r); got.Output != want || got.ExitCode != 0 || got.ErrorCode != "" {
		t.Errorf("%+v\n%s\nwant\n%s", got, got.Output, want)
	}
	both := asOther("#!/bin/sh\npwd; cat 2>&1 " + l.agents.dirs.home(nth(1)) + "/x || echo closed")
	both.WorkingDir, both.InstanceId = "/tmp", []string{nth(1), nth(2)}
	for _, it := range b.settle(b.submit(both)).InvokeInstances.InvokeInstance {
		if !strings.HasPrefix(it.Output, "/tmp\n") || !strings.Contains(it.Output, "denied") || !strings.HasSuffix(it.Output, "closed\n") {
			t.Errorf("%+v", it)
		}
	}
	missing := asOther("true")
	missing.WorkingDir = "not/there"
	if got := b.run(missing); got.ErrorCode != "DirectoryNotExists" {
		t.Errorf("%+v", got)
	}
	homeless := asOther("pwd")
	homeless.WorkingDir = ""
	got := b.run(homeless)
	if info, err := os.Stat(other.HomeDir); err != nil || !info.IsDir() {
		if got.InvocationStatus != "Invalid" || got.ErrorCode != "DirectoryNotExists" {
			t.Errorf("without a home: %+v", got)
		}
	} else if got.Output != other.HomeDir+"\n" {
		t.Errorf("at home: %+v", got)
	}
	own := shell("id -u; echo $HOME $SECRET_OF_ROOT")
	own.Username = "root"
	if got := b.run(own); got.Output != "0\n"+l.agents.dirs.home(nth(1))+" yes\n" {
		t.Errorf("as root: %+v", got)
	}
	shared := l.agents.sharedDir.dir.Path
	if left, err := os.ReadDir(shared); err != nil || len(left) != 1 || left[0].Name() != lockName {
		t.Errorf("scripts are left: %v, %v", left, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shared); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the shared directory is left: %v", err)
	}
}

// TestOtherUsersCannotReadData checks that scripts of other users cannot read the data directory.
func TestOtherUsersCannotReadData(t *testing.T) {
	requireRoot(t)
	data := filepath.Join(t.TempDir(), "data")
	b := open(t, newLab(t, Options{Data: data, Dir: data, Instances: NumberedInstances(1)}))
	for _, name := range []string{"lab.db", "owner.json"} {
		if _, err := os.Stat(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
		if got := b.run(asOther("cat " + filepath.Join(data, name))); got.ExitCode != 1 || !strings.Contains(got.Output, "denied") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestOtherUsersProcessesEnd checks that processes of other users end on a stop and when the lab is closed.
func TestOtherUsersProcessesEnd(t *testing.T) {
	requireRoot(t)
	const waits = "sleep 1000 & a=$!; setsid sleep 1000 & sleep 0; echo $$ $a $!; wait"
	b := openFleet(t, 1)
	family := func(id string) (all []runnertest.Process) {
		b.running(id)
		for pid := range strings.FieldsSeq(b.describe(id).InvokeInstances.InvokeInstance[0].Output) {
			all = append(all, runnertest.OpenProcess(t, pid))
		}
		return all
	}
	stop := asOther(waits)
	stop.TerminationMode = "ProcessTree"
	stopID, closeID := b.submit(stop), b.submit(asOther(waits))
	leftID := b.submit(asOther("setsid sleep 1000 >/dev/null & echo $!"))
	stopped, closed, left := family(stopID), family(closeID), family(leftID)
	if len(stopped) != 3 || len(closed) != 3 || len(left) != 1 {
		t.Fatal(stopped, closed, left)
	}
	if _, err := b.StopInvocation(t.Context(), &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: stopID}); err != nil {
		t.Fatal(err)
	}
	if got := b.settle(stopID).InvokeInstances.InvokeInstance[0]; got.InvocationStatus != "Terminated" {
		t.Errorf("%+v", got)
	}
	for _, p := range stopped {
		p.Exited(t, -1)
	}
	for i, p := range slices.Concat(closed, left) {
		if p.Exited(t, 0) {
			t.Errorf("process %d ended too early", i)
		}
	}
	if err := b.lab.Close(); err != nil {
		t.Fatal(err)
	}
	for i, p := range slices.Concat(closed, left) {
		if !p.Exited(t, 0) {
			t.Errorf("process %d is still running", i)
		}
	}
}
