package agents

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pkg/lab/agents/agentstest"
)

// newOfficialAgent installs the agent that MUSTER_AGENT names for a server. The test is skipped if it names none.
func newOfficialAgent(t *testing.T, ts *testServer) *agentstest.Official {
	t.Helper()
	given := os.Getenv("MUSTER_AGENT")
	if given == "" {
		t.Skip("MUSTER_AGENT does not name the aliyun-service of an official agent")
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ts.certificate})
	o, err := agentstest.InstallOfficial(given, t.TempDir(), ts.address, ca)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// startOfficial starts an official agent until the end of the test, or until it is killed.
func startOfficial(t *testing.T, o *agentstest.Official) (kill func()) {
	t.Helper()
	kill, err := o.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kill)
	return kill
}

// TestOfficialAgent runs an official agent against the server. It takes about 20 seconds.
func TestOfficialAgent(t *testing.T) {
	var requests lockedLog
	ts := serve(t, newMemoryLab(), Options{OnRequest: requests.add, OlderBuild: olderBuild})
	o := newOfficialAgent(t, ts)
	id, err := o.Register(t.Context(), "--RegionId", "cn-hangzhou", "--ActivationId", "ai-1", "--ActivationCode", "code-1",
		"--InstanceName", "official 1", "--tag", "env=prod")
	if err != nil {
		t.Fatal(err)
	}
	kill := startOfficial(t, o)
	restarted := func() { ts = ts.again(t) }
	defer func() {
		if t.Failed() {
			t.Logf("requests:\n%s", requests.String())
		}
	}()
	ts.lab.await(t, "connected, with a heartbeat and the list of the start", func() bool {
		h := ts.lab.host(id)
		return slices.Equal(h.connections, []bool{true}) && len(h.heartbeats) > 0 && h.heartbeats[0].First &&
			slices.ContainsFunc(h.asked, func(r ListRequest) bool { return r.Startup })
	})
	ts.lab.mu.Lock()
	t.Logf("registered by build %s, first heartbeat %+v", ts.lab.host(id).AgentVersion, ts.lab.host(id).heartbeats[0])
	if r := ts.lab.host(id).Registration; r.InstanceName != "official 1" || !slices.Equal(r.Tags, []Tag{{"env", "prod"}}) || r.OsType != "linux" {
		t.Errorf("registered as %+v", r)
	}
	ts.lab.mu.Unlock()

	t.Run("echo", func(t *testing.T) {
		began := time.Now()
		ts.hand(id, func(l *List) { l.Run = []Task{script("t-echo", "echo hello")} })
		last, output := ts.lab.final(t, id, "t-echo")
		t.Logf("from kick to finish: %v", time.Since(began))
		if last.Kind != Finished || last.ExitCode != 0 || output != "hello\n" || last.Start.IsZero() || last.End.Before(last.Start) {
			t.Errorf("got %+v with %q", last, output)
		}
	})
	t.Run("root", func(t *testing.T) {
		task := script("t-root", "id -un")
		task.Username = "root"
		ts.hand(id, func(l *List) { l.Run = []Task{task} })
		if last, output := ts.lab.final(t, id, "t-root"); last.Kind != Finished || last.ExitCode != 0 || output == "" {
			t.Errorf("got %+v with %q", last, output)
		}
	})
	t.Run("parameters and directory", func(t *testing.T) {
		task := script("t-parameters", "echo {{ACS::RegionId}} {{ ACS::InvokeId }} {{ACS::InstanceId}} $PWD; exit 7")
		task.EnableParameter, task.BuiltIn, task.WorkingDir = true, map[string]string{"RegionId": "cn-hangzhou"}, "/"
		ts.hand(id, func(l *List) { l.Run = []Task{task} })
		if last, output := ts.lab.final(t, id, "t-parameters"); last.ExitCode != 7 || output != "cn-hangzhou t-parameters "+id+" /\n" {
			t.Errorf("got %+v with %q", last, output)
		}
	})
	t.Run("stream", func(t *testing.T) {
		ts.hand(id, func(l *List) { l.Run = []Task{script("t-stream", "echo one; sleep 1.5; echo two")} })
		last, output := ts.lab.final(t, id, "t-stream")
		if last.Kind != Finished || output != "one\ntwo\n" || string(last.Output) == output {
			t.Errorf("got %+v with %q", last, output)
		}
	})
	t.Run("stop", func(t *testing.T) {
		for i := range 5 {
			task := script(fmt.Sprint("t-stop-", i), "sleep 20")
			ts.hand(id, func(l *List) { l.Run = []Task{task} })
			ts.lab.await(t, "running", func() bool {
				return slices.ContainsFunc(ts.lab.host(id).reports, func(r Report) bool { return r.TaskId == task.Id })
			})
			ts.hand(id, func(l *List) { l.Stop = []Task{task} })
			if last, _ := ts.lab.final(t, id, task.Id); last.Kind != Stopped || last.Completed || last.Start.IsZero() {
				t.Errorf("got %+v", last)
			}
		}
	})
	t.Run("timeout", func(t *testing.T) {
		task := script("t-timeout", "exec sleep 20")
		task.Timeout = time.Second
		ts.hand(id, func(l *List) { l.Run = []Task{task} })
		if last, _ := ts.lab.final(t, id, "t-timeout"); last.Kind != TimedOut || last.ExitCode != 1 {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("file", func(t *testing.T) {
		dir := t.TempDir()
		file := File{Id: "f-1", Name: "a b&taskId=f-3;c%.txt", TargetDir: filepath.Join(dir, "new"), Content: []byte("text\x00\n"), Mode: "0600"}
		exists := file
		exists.Id = "f-2"
		ts.hand(id, func(l *List) { l.Files = []File{file} })
		if last, _ := ts.lab.final(t, id, "f-1"); last.Kind != FileEnded || !last.FileWritten {
			t.Errorf("got %+v", last)
		}
		content, err := os.ReadFile(filepath.Join(dir, "new", file.Name))
		info, statErr := os.Stat(filepath.Join(dir, "new", file.Name))
		if err != nil || statErr != nil || string(content) != "text\x00\n" || info.Mode() != 0o600 {
			t.Errorf("wrote %q, %v, %v", content, err, info)
		}
		ts.hand(id, func(l *List) { l.Files = []File{exists} })
		if last, _ := ts.lab.final(t, id, "f-2"); last.Kind != Invalid || !last.File || last.Param != "FileExist" {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("dry run", func(t *testing.T) {
		lost := script("t-lost", "x")
		lost.WorkingDir = "/no/such/directory"
		ts.hand(id, func(l *List) { l.Test = []Task{script("t-dry", "touch /should-not-exist"), lost} })
		if last, _ := ts.lab.final(t, id, "t-dry"); last.Kind != Verified {
			t.Errorf("got %+v", last)
		}
		if last, _ := ts.lab.final(t, id, "t-lost"); last.Kind != Invalid || last.Param != "workingDirectory" {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("schedules", func(t *testing.T) {
		period, at := script("t-period", "echo run"), script("t-at", "echo at")
		period.Repeat, period.Schedule = Period, "*/2 * * * * ?"
		at.Repeat, at.At = At, time.Now().Add(2*time.Second)
		ts.hand(id, func(l *List) { l.Run = []Task{period, at} })
		if last, output := ts.lab.final(t, id, "t-at"); last.Kind != Finished || output != "at\n" {
			t.Errorf("got %+v with %q", last, output)
		}
		ts.lab.await(t, "two runs", func() bool { return len(ts.lab.reportsOf(id, "t-period")) >= 2 })
		ts.hand(id, func(l *List) { l.Stop = []Task{{Id: "t-period", Version: 1, Repeat: Period}} })
		ts.lab.await(t, "stopped", func() bool {
			all := ts.lab.reportsOf(id, "t-period")
			return all[len(all)-1].Kind == Stopped
		})
	})
	t.Run("probe", func(t *testing.T) {
		ts.Kick(id, Kick{Action: KickProbe})
		ts.hand(id, func(l *List) { l.Run = []Task{script("t-after-probe", "true")} })
		ts.lab.final(t, id, "t-after-probe")
	})
	t.Run("server restarted", func(t *testing.T) {
		ts.hand(id, func(l *List) { l.Run = []Task{script("t-meanwhile", "echo started; sleep 2; echo done")} })
		ts.lab.await(t, "running", func() bool { return len(ts.lab.reportsOf(id, "t-meanwhile")) > 0 })
		ts.stop()
		restarted()
		last, output := ts.lab.final(t, id, "t-meanwhile")
		if last.Kind != Finished || output != "started\ndone\n" {
			t.Errorf("got %+v with %q", last, output)
		}
		ts.lab.change(func() { ts.lab.host(id).list.Run = []Task{script("t-after", "echo after")} })
		ts.lab.final(t, id, "t-after") // fetched after the channel was opened
		ts.lab.change(func() { ts.lab.host(id).connections = []bool{true} })
	})
	again := func() { startOfficial(t, o) } // until the end of the whole test
	t.Run("killed and started again", func(t *testing.T) {
		kill()
		ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false}) })
		again()
		ts.lab.await(t, "connected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false, true}) })
		ts.hand(id, func(l *List) { l.Run = []Task{script("t-echo", "echo hello"), script("t-new", "echo new")} })
		if last, _ := ts.lab.final(t, id, "t-new"); last.Kind != Finished {
			t.Errorf("got %+v", last)
		}
		ts.lab.await(t, "the task that was here before fails", func() bool {
			all := ts.lab.reportsOf(id, "t-echo")
			return all[len(all)-1].Kind == Failed
		})
	})
	t.Run("deregister", func(t *testing.T) {
		ts.Kick(id, Kick{Action: KickDeregister})
		ts.lab.await(t, "deregistered", func() bool { return ts.lab.host(id).deregistered })
		ts.lab.await(t, "connected no longer", func() bool {
			all := ts.lab.host(id).connections
			return !all[len(all)-1]
		})
	})
}

func TestOfficialAgentRefused(t *testing.T) {
	lab := newMemoryLab()
	lab.refuse = &RefusedError{"ActivationCode.Expired", "The activation has expired."}
	ts := serve(t, lab, Options{})
	o := newOfficialAgent(t, ts)
	output, _ := o.Run(t.Context(), "--register", "--RegionId", "cn-hangzhou", "--ActivationId", "ai-1", "--ActivationCode", "c")
	if !bytes.Contains(output, []byte("The activation has expired.")) || bytes.Contains(output, []byte("register ok")) {
		t.Errorf("the agent printed %s", output)
	}
}

// olderBuild compares the last numbers of versions.
func olderBuild(_, version string, build int) bool {
	var n int
	_, err := fmt.Sscanf(version[strings.LastIndexByte(version, '.')+1:], "%d", &n)
	return err == nil && n < build
}
