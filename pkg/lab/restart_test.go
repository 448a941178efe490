//go:build unix

package lab

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
	"muster/pkg/lab/signature"
)

// crash returns a copy of the data directory as it would be if the lab were killed now.
func crash(t testing.TB, l *Lab) (dir string) {
	t.Helper()
	dir = t.TempDir()
	err := l.storage.(*keep.Database).CopyTo(filepath.Join(dir, keep.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestResponsesAfterRestart(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(2)}))
	r := shell("echo hi; echo $HOSTNAME >&2")
	r.ClientToken, r.KeepCommand = "token", true
	id := first.submit(r)
	before := first.settle(id)
	if err := first.lab.SetInstance(nth(2), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	second := open(t, newLab(t, Options{Data: crash(t, first.lab), Instances: NumberedInstances(3)}))
	if again := second.submit(r); again != id {
		t.Errorf("the same token submitted %s and, after the restart, %s", id, again)
	}
	if again := second.describe(id); again.InvokeInstances.InvokeInstance[0] != before.InvokeInstances.InvokeInstance[0] || again.CommandContent != before.CommandContent {
		t.Errorf("%+v\nbefore the restart\n%+v", again, before)
	}
	if n := len(second.lab.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
	if second.lab.Size() != 3 || second.lab.own.inventory.byID[nth(2)].get().Status != "Stopped" {
		t.Error("the instances are not the same")
	}
	if firstID, firstSecret := first.lab.Key(); second.lab.identity.Key != (signature.Key{Id: firstID, Secret: firstSecret}) {
		t.Error("the keys are not the same")
	}
}

// TestSubmitsAreDurable makes concurrent calls, and copies the data after each: the copy must contain the invocation and its
// token.
func TestSubmitsAreDurable(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(1)}))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r := shell("true")
			r.ClientToken = newInvokeID()
			answer, err := first.RunCommand(t.Context(), r)
			if err != nil {
				t.Error(err)
				return
			}
			db, err := keep.Open(crash(t, first.lab))
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			s, found := newStore(), 0
			if err := (stores{s}).load(db); err != nil {
				t.Error(err)
			}
			if _, ok := s.invocation(answer.InvokeId); !ok {
				t.Errorf("invocation %s is missing", answer.InvokeId)
			}
			err = db.Each(ofToken, func(key string, text []byte) error {
				if strings.HasSuffix(key, r.ClientToken) && strings.Contains(string(text), answer.InvokeId) {
					found++
				}
				return nil
			})
			if err != nil || found != 1 {
				t.Errorf("%d tokens, %v", found, err)
			}
		})
	}
	wg.Wait()
}

// TestReportedOutputIsDurable kills a lab while a script runs whose output so far has been reported.
func TestReportedOutputIsDurable(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(1)}))
	id := first.submit(shell("echo so far; sleep 1000"))
	var before assist.InvokeInstance
	eventually(t, "there is output", func() bool {
		before = first.describe(id).InvokeInstances.InvokeInstance[0]
		return before.Output != ""
	})
	second := open(t, newLab(t, Options{Data: crash(t, first.lab)}))
	if now := second.settle(id).InvokeInstances.InvokeInstance[0]; now.Output != before.Output || now.ErrorCode != "ExecutionInterrupted" {
		t.Errorf("%+v\nbefore the restart\n%+v", now, before)
	}
}

func TestStartedTasksNeverRunAgain(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(2)}))
	ran := filepath.Join(t.TempDir(), "ran")
	r := shell("echo begun >> " + ran + "; cat " + ran + "; sleep 1000")
	begun, stopping := first.submit(r), first.submit(r)
	first.running(begun)
	first.running(stopping)
	if err := first.lab.SetInstance(nth(2), func(it *Instance) { it.Online = false }); err != nil {
		t.Fatal(err)
	}
	r.InstanceId, r.CommandContent = []string{nth(2)}, "echo late >> "+ran
	pending := first.submit(r)
	first.lab.own.store.change(taskRef{stopping, 0}, func(t *task) bool {
		t.Status, t.Stopped = assist.StatusStopping, time.Now()
		return true
	})
	if err := first.lab.storage.Flush(); err != nil {
		t.Fatal(err)
	}

	second := open(t, newLab(t, Options{Data: crash(t, first.lab)}))
	if it := second.describe(begun).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Error" || it.ErrorCode != "ExecutionInterrupted" || it.FinishTime == "" {
		t.Errorf("%+v", it)
	}
	if it := second.describe(stopping).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Terminated" {
		t.Errorf("%+v", it)
	}
	if it := second.describe(pending).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Pending" {
		t.Errorf("%+v", it)
	}
	if err := second.lab.SetInstance(nth(2), func(it *Instance) { it.Online = true }); err != nil {
		t.Fatal(err)
	}
	second.settle(pending)
	if text, err := os.ReadFile(ran); err != nil || string(text) != "begun\nbegun\nlate\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestPendingTasksAfterClose checks that a pending task stays pending when its lab is closed, and is delivered by the next one.
func TestPendingTasksAfterClose(t *testing.T) {
	dir := t.TempDir()
	l, err := New(Options{Data: dir, Instances: NumberedInstances(1)})
	if err != nil {
		t.Fatal(err)
	}
	first := open(t, l)
	toggle := func(it *Instance) { it.Online = !it.Online }
	if err := l.SetInstance(nth(1), toggle); err != nil {
		t.Fatal(err)
	}
	id := first.submit(shell("echo hi"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, newLab(t, Options{Data: dir}))
	if err := second.lab.SetInstance(nth(1), toggle); err != nil {
		t.Fatal(err)
	}
	if it := second.settle(id).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Success" || it.Output != "hi\n" {
		t.Errorf("%+v", it)
	}
}

func TestSchedulesContinue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := func(dir string) *bubble {
			l := newLab(t, Options{Data: dir, Instances: NumberedInstances(1)})
			l.agents.runner.Close()
			b := &bubble{t: t, lab: l, scripts: &fakeRunner{}}
			l.agents.runner = b.scripts
			return b
		}
		first := start(t.TempDir())
		first.scripts.set(20*time.Second, 0)
		rate := first.periodic(1, every("rate(60s)"))
		once := first.periodic(1, every("at(2000-01-01 00:02:30)"))
		reboot := first.periodic(1, repeated("EveryReboot"))
		first.after(70 * time.Second)
		first.want(rate, "Running Running Running 1")
		dir := crash(t, first.lab)
		if err := first.lab.Close(); err != nil {
			t.Fatal(err)
		}
		first.after(100 * time.Second) // to 00:02:50

		second := start(dir)
		second.want(rate, "Scheduled Running Scheduled 1")
		if it := second.describe(rate).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "ExecutionInterrupted" {
			t.Errorf("%+v", it)
		}
		if it := second.describe(once).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Aborted" || it.ErrorCode != "InstanceNotRunning" {
			t.Errorf("%+v", it)
		}
		if err := second.lab.Reboot(nth(1)); err != nil {
			t.Fatal(err)
		}
		second.after(10 * time.Second)
		second.want(reboot, "Scheduled Running Scheduled 1")
		if got, want := second.starts(), []string{"2000-01-01T00:02:50Z", "2000-01-01T00:03:00Z"}; !slices.Equal(got, want) {
			t.Errorf("started at %v, want %v", got, want)
		}
	})
}

func TestDirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	first := open(t, newLab(t, Options{Data: dir}))
	_, err := New(Options{Data: dir})
	inUse, ok := errors.AsType[*keep.InUseError](err)
	if !ok || inUse.Pid != os.Getpid() || inUse.Endpoint != first.host {
		t.Errorf("%v", err)
	}
	_, err = New(Options{Data: crash(t, first.lab), Region: "cn-beijing"})
	if other, ok := errors.AsType[*MismatchError](err); !ok || *other != (MismatchError{"region", "cn-beijing", "cn-hangzhou"}) {
		t.Error(err)
	}
	if again := newLab(t, Options{Data: crash(t, first.lab), RegionIfNew: "cn-beijing"}); again.Region() != "cn-hangzhou" {
		t.Errorf("the region is now %s", again.Region())
	}
}

func TestPortInUse(t *testing.T) {
	first := open(t, newLab(t, Options{Data: t.TempDir()}))
	dir := crash(t, first.lab)
	second := open(t, newLab(t, Options{Data: dir}))
	if second.host == first.host {
		t.Error("two labs listen on", first.host)
	}
}
