package agents

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/lab/agents/agentstest"
)

func builds() []int { return []int{578, 631, 857, 1065} }

func TestAgentsRunScripts(t *testing.T) {
	for _, build := range builds() {
		t.Run(fmt.Sprint(build), func(t *testing.T) {
			ts := serve(t, newMemoryLab(), Options{})
			a := ts.agent(t, agentstest.Options{Build: build, Run: agentstest.Shell(t.TempDir())})
			a.Start(true)
			id := a.InstanceID()
			ts.hand(id, func(l *List) {
				l.Run = []Task{script("t-ok", "echo hello"), script("t-fails", "echo oops; exit 3")}
			})
			if last, output := ts.lab.final(t, id, "t-ok"); last.Kind != Finished || last.ExitCode != 0 || output != "hello\n" || last.Start.IsZero() {
				t.Errorf("got %+v with %q", last, output)
			}
			if last, output := ts.lab.final(t, id, "t-fails"); last.Kind != Finished || last.ExitCode != 3 || output != "oops\n" {
				t.Errorf("got %+v with %q", last, output)
			}
			if diff := cmp.Diff(map[string]int{"t-ok": 1, "t-fails": 1}, a.Starts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFirstContact(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{InstanceName: "web 1", Hostname: "web-1", Build: 631, Tags: map[string]string{"env": "prod", "a": "b"}})
	id := a.InstanceID()
	a.Start(true)
	ts.lab.await(t, "connected with a heartbeat and a list", func() bool {
		h := ts.lab.host(id)
		return len(h.connections) == 1 && len(h.heartbeats) > 0 && slices.ContainsFunc(h.asked, func(r ListRequest) bool { return r.Startup })
	})
	ts.lab.mu.Lock()
	defer ts.lab.mu.Unlock()
	h := ts.lab.host(id)
	h.PublicKey = nil
	want := Registration{
		ActivationId: "ai-1", ActivationCode: "code-1", RegionId: "cn-hangzhou", InstanceName: "web 1", Hostname: "web-1",
		MachineId: "0123456789abcdef", Fingerprint: "fp-0123456789abcdef", Remote: h.Remote, OsType: "linux",
		OsVersion: "Linux_#1 SMP_x86_64", AgentVersion: "2.2.3.631", Tags: []Tag{{"a", "b"}, {"env", "prod"}},
	}
	if diff := cmp.Diff(want, h.Registration, cmp.Comparer(func(x, y Registration) bool { return fmt.Sprint(x) == fmt.Sprint(y) })); diff != "" {
		t.Error(diff)
	}
	if h.Remote.String() != "127.0.0.1" {
		t.Errorf("the host is at %v", h.Remote)
	}
	first := h.heartbeats[0]
	if !first.First || !first.ColdStart || first.AgentVersion != "2.2.3.631" || first.OsVersion != "Linux_#1 SMP_x86_64" || first.Uptime != time.Second {
		t.Errorf("the first heartbeat was %+v", first)
	}
	i := slices.IndexFunc(h.asked, func(r ListRequest) bool { return r.Startup })
	if got := h.asked[i]; got != (ListRequest{Startup: true, ColdStart: true, Version: "2.2.3.631", TimeZone: "UTC"}) {
		t.Errorf("the first list was asked for as %+v", got)
	}
}

func TestRefusedRegistration(t *testing.T) {
	lab := newMemoryLab()
	lab.refuse = &RefusedError{"ActivationCode.Expired", "The activation has expired."}
	ts := serve(t, lab, Options{})
	err := ts.unregistered(t, agentstest.Options{}).Register(t.Context())
	refused, ok := errors.AsType[*agentstest.RegistrationError](err)
	if !ok || refused.ErrCode != "ActivationCode.Expired" || refused.ErrMsg != "The activation has expired." || refused.Code == 200 {
		t.Errorf("got %v", err)
	}
}

func TestRunningOutput(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	goOn := make(chan struct{})
	a := ts.agent(t, agentstest.Options{Build: 857, Run: func(_ context.Context, _ agentstest.Task, w io.Writer) int {
		_, _ = io.WriteString(w, "first ")
		<-goOn
		_, _ = io.WriteString(w, "second")
		return 0
	}})
	a.Start(false)
	id := a.InstanceID()
	ts.hand(id, func(l *List) { l.Run = []Task{script("t-1", "x")} })
	ts.lab.await(t, "running output", func() bool { return len(ts.lab.reportsOf(id, "t-1")) > 0 })
	close(goOn)
	last, output := ts.lab.final(t, id, "t-1")
	if last.Kind != Finished || output != "first second" || string(last.Output) != "second" {
		t.Errorf("got %+v with %q", last, output)
	}
}

func TestLongOutput(t *testing.T) {
	for _, build := range []int{578, 857} {
		ts := serve(t, newMemoryLab(), Options{})
		a := ts.agent(t, agentstest.Options{Build: build, Run: func(_ context.Context, _ agentstest.Task, w io.Writer) int {
			_, _ = io.WriteString(w, strings.Repeat("a", 20_000)+strings.Repeat("b", 20_000))
			return 0
		}})
		a.Start(false)
		ts.hand(a.InstanceID(), func(l *List) { l.Run = []Task{script("t-1", "x")} })
		last, output := ts.lab.final(t, a.InstanceID(), "t-1")
		if len(output) != 24<<10 || last.Dropped != 40_000-24<<10 || !strings.HasSuffix(output, strings.Repeat("b", 16_000)) {
			t.Errorf("build %d: got %d bytes, %d dropped", build, len(output), last.Dropped)
		}
	}
}

func TestStopAndTimeout(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{Run: func(ctx context.Context, _ agentstest.Task, _ io.Writer) int {
		<-ctx.Done()
		return -1
	}})
	a.Start(false)
	id := a.InstanceID()
	short := script("t-short", "x")
	short.Timeout = time.Second
	ts.hand(id, func(l *List) { l.Run = []Task{script("t-stop", "x"), short} })
	ts.lab.await(t, "running", func() bool {
		return slices.ContainsFunc(ts.lab.host(id).reports, func(r Report) bool { return r.TaskId == "t-stop" })
	})
	ts.hand(id, func(l *List) {
		l.Stop = []Task{{Id: "t-stop", Version: 1, Repeat: Once}, {Id: "t-unknown", Version: 1, Repeat: Once}}
	})
	if last, _ := ts.lab.final(t, id, "t-stop"); last.Kind != Stopped || last.Start.IsZero() || last.Completed {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "t-unknown"); last.Kind != Stopped || !last.Start.IsZero() || last.Completed {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "t-short"); last.Kind != TimedOut || last.ExitCode != 1 {
		t.Errorf("got %+v", last)
	}
}

func TestInvalidAndVerified(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{Build: 857, Check: func(task agentstest.Task) (string, string) {
		if task.WorkingDir != "" {
			return "workingDirectory", "DirectoryNotExists_" + task.WorkingDir
		}
		return "", ""
	}})
	a.Start(false)
	id := a.InstanceID()
	lost := script("t-lost", "x")
	lost.WorkingDir = "/no/such place"
	builtIn := script("t-builtin", "echo {{ ACS::Nothing }}")
	builtIn.EnableParameter = true
	ts.hand(id, func(l *List) { l.Test = []Task{script("t-test", "x"), lost}; l.Run = []Task{builtIn} })
	if last, _ := ts.lab.final(t, id, "t-test"); last.Kind != Verified {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "t-lost"); last.Kind != Invalid || last.Param != "workingDirectory" || last.ErrorDesc != "DirectoryNotExists_/no/such place" {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "t-builtin"); last.Kind != Invalid || last.Param != "InvalidEnvironmentParameter" {
		t.Errorf("got %+v", last)
	}
	if len(a.Starts()) != 0 {
		t.Errorf("started %v", a.Starts())
	}
}

func TestFiles(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	root := t.TempDir()
	a := ts.agent(t, agentstest.Options{WriteFile: agentstest.Files(root)})
	a.Start(false)
	id := a.InstanceID()
	file := File{Id: "f-1", Name: "a & b.txt", TargetDir: "/etc/app", Content: []byte("text\n"), Mode: "0600"}
	again := file
	again.Id = "f-2"
	ts.hand(id, func(l *List) { l.Files = []File{file} })
	if last, _ := ts.lab.final(t, id, "f-1"); last.Kind != FileEnded || !last.File || !last.FileWritten || last.FileError != 0 {
		t.Errorf("got %+v", last)
	}
	if text, err := os.ReadFile(filepath.Join(root, "etc/app/a & b.txt")); string(text) != "text\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
	ts.hand(id, func(l *List) { l.Files = []File{again} })
	if last, _ := ts.lab.final(t, id, "f-2"); last.Kind != Invalid || !last.File || last.Param != "FileExist" {
		t.Errorf("got %+v", last)
	}
}

func TestHandedOutAgain(t *testing.T) {
	for build, want := range map[int]int{578: 1, 857: 2} {
		ts := serve(t, newMemoryLab(), Options{})
		a := ts.agent(t, agentstest.Options{Build: build})
		a.Start(false)
		id := a.InstanceID()
		for range 2 {
			ts.lab.change(func() { ts.lab.host(id).reports = nil })
			ts.hand(id, func(l *List) { l.Run = []Task{script("t-1", "x")} })
			ts.lab.await(t, "a report", func() bool {
				ts.Kick(id, Kick{Action: KickFetch}) // again: the agent ignores a task that it is just leaving
				return len(ts.lab.reportsOf(id, "t-1")) > 0
			})
			if last, _ := ts.lab.final(t, id, "t-1"); last.Kind != Finished && (last.Kind != Failed || last.ErrorCode != "-9") {
				t.Errorf("got %+v", last)
			}
		}
		if got := a.Starts()["t-1"]; got != want {
			t.Errorf("build %d started the task %d times", build, got)
		}
	}
}

func TestNothingForbiddenIsHandedOut(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{})
	a.Start(false)
	id := a.InstanceID()
	forbidden := script("t-1", "x")
	forbidden.Username = "x; reboot"
	file := File{Id: "f-1", Name: "../passwd", Content: []byte("x")}
	ts.hand(id, func(l *List) { l.Run = []Task{forbidden, script("t-2", "x")}; l.Files = []File{file} })
	if last, _ := ts.lab.final(t, id, "t-1"); last.Kind != Invalid || last.Param != "Username" {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "f-1"); last.Kind != Invalid || last.Param != "Name" || !last.File {
		t.Errorf("got %+v", last)
	}
	if last, _ := ts.lab.final(t, id, "t-2"); last.Kind != Finished {
		t.Errorf("got %+v", last)
	}
	if diff := cmp.Diff(map[string]int{"t-2": 1}, a.Starts()); diff != "" {
		t.Error(diff)
	}
}

func TestFailingLab(t *testing.T) {
	lab := newMemoryLab()
	ts := serve(t, lab, Options{})
	a := ts.agent(t, agentstest.Options{})
	id := a.InstanceID()
	lab.change(func() { lab.failing = errors.New("no space left") })
	a.Start(false)
	lab.await(t, "a list", func() bool { return len(lab.host(id).asked) > 0 })
	lab.change(func() {
		lab.failing = nil
		lab.host(id).list.Run = []Task{script("t-1", "x")}
	})
	if last, _ := lab.final(t, id, "t-1"); last.Kind != Finished { // the agent asks again
		t.Errorf("got %+v", last)
	}
}

// panickingLab panics when it is told about a heartbeat.
type panickingLab struct{ *memoryLab }

func (panickingLab) Heartbeat(string, Heartbeat) { panic("a mistake") }

func TestPanic(t *testing.T) {
	_, lab := directServer(t)
	var logged bytes.Buffer
	s := New(panickingLab{lab}, Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	defer s.Close()
	if status, text := errMsg(t, s, signed(t, "mi-1", "machine", "r-1", time.Now())); status != 500 || text != "The lab cannot serve this now." {
		t.Errorf("got %d %q", status, text)
	}
	if !strings.Contains(logged.String(), "panic: a mistake") {
		t.Errorf("logged %s", logged.String())
	}
}

func TestKilledAgent(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{})
	id := a.InstanceID()
	a.Start(true)
	ts.lab.await(t, "connected", func() bool { return len(ts.lab.host(id).connections) == 1 })
	a.Kill()
	ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false}) })
	a.Start(false)
	ts.lab.await(t, "connected again", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false, true}) })
}

func TestDroppedChannel(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{Second: time.Millisecond})
	id := a.InstanceID()
	a.Start(true)
	for n := 1; n <= 3; n++ {
		ts.lab.await(t, "connected", func() bool { return len(ts.lab.host(id).connections) == 2*n-1 })
		a.Drop()
	}
	ts.lab.await(t, "connected", func() bool {
		return slices.Equal(ts.lab.host(id).connections, []bool{true, false, true, false, true, false, true})
	})
	ts.lab.change(func() { ts.lab.host(id).list.Run = []Task{script("t-1", "x")} }) // and no kick but that of a connection
	a.Drop()
	ts.lab.final(t, id, "t-1")
}

func TestDeregistration(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{})
	id := a.InstanceID()
	ts.Kick(id, Kick{Action: KickDeregister}) // waits for the channel
	a.Start(true)
	ts.lab.await(t, "deregistered", func() bool { return ts.lab.host(id).deregistered })
	if _, known := ts.lab.Identity(id); known {
		t.Error("the identity is known still")
	}
	ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false}) })
}

func TestSchedules(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{})
	id := a.InstanceID()
	a.Start(true)
	period, at := script("t-period", "x"), script("t-at", "x")
	period.Repeat, period.Schedule = Period, "* * * * * ?"
	at.Repeat, at.At = At, time.Now().Add(2*time.Second)
	ts.hand(id, func(l *List) { l.Run = []Task{period, at} })
	ts.lab.await(t, "two runs", func() bool { return len(ts.lab.reportsOf(id, "t-period")) >= 2 })
	ts.lab.final(t, id, "t-at")
	ts.hand(id, func(l *List) { l.Stop = []Task{{Id: "t-period", Version: 1, Repeat: Period}} })
	ts.lab.await(t, "stopped", func() bool {
		all := ts.lab.reportsOf(id, "t-period")
		return all[len(all)-1].Kind == Stopped
	})
	ts.lab.mu.Lock()
	defer ts.lab.mu.Unlock()
	starts := map[time.Time]bool{}
	for _, r := range ts.lab.reportsOf(id, "t-period") {
		if r.Kind == Finished && starts[r.Start] {
			t.Errorf("two runs began at %v", r.Start)
		}
		starts[r.Start] = true
	}
}

func TestRequestsAreLogged(t *testing.T) {
	logged := make(chan LoggedRequest, 1000)
	ts := serve(t, newMemoryLab(), Options{OnRequest: func(r LoggedRequest) { logged <- r }})
	a := ts.agent(t, agentstest.Options{})
	a.Start(false)
	ts.hand(a.InstanceID(), func(l *List) { l.Run = []Task{script("t-1", "x")} })
	ts.lab.final(t, a.InstanceID(), "t-1")
	a.Close()
	ts.stop()
	close(logged)
	seen := map[string]bool{}
	for r := range logged {
		seen[fmt.Sprint(r.Path, " ", r.InstanceId, " ", r.Proved, " ", r.TaskId, " ", r.Agent, " ", r.Status)] = true
	}
	for _, want := range []string{
		"/luban/api/instance/register " + a.InstanceID() + " false  2.2.3.578 200",
		"/luban/notify_server " + a.InstanceID() + " true  2.2.3.578 101",
		"/luban/api/heart-beat " + a.InstanceID() + " true  2.2.3.578 200",
		"/luban/api/v1/task/finish " + a.InstanceID() + " true t-1 2.2.3.578 200",
	} {
		if !seen[want] {
			t.Errorf("%s was not logged, but %v", want, seen)
		}
	}
}
