//go:build unix

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/agents/agentstest"
)

// TestOfficialAgents has three official agents, which MUSTER_AGENT names, join a lab: they check dry runs, run scripts, whose output is seen while
// they run, stop them, and receive files. Then an agent is killed, and the lab. It takes about a minute.
func TestOfficialAgents(t *testing.T) {
	path := os.Getenv("MUSTER_AGENT")
	if path == "" {
		t.Skip("MUSTER_AGENT does not name the aliyun-service of an official agent")
	}
	first := newLab(t, Options{Data: t.TempDir(), Instances: NumberedInstances(1)})
	server, err := ServeAgents(t.Context(), first, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, first)
	activation, err := b.CreateActivation(t.Context(), &assist.CreateActivationRequest{RegionId: "cn-hangzhou", InstanceName: "host", InstanceCount: 3})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(server.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	var kills []func()
	var agents []*agentstest.Official
	for range 3 {
		o, err := agentstest.InstallOfficial(path, t.TempDir(), server.Address(), certificate)
		if err != nil {
			t.Fatal(err)
		}
		id, err := o.Register(t.Context(), "--RegionId", "cn-hangzhou", "--ActivationId", activation.ActivationId, "--ActivationCode", activation.ActivationCode)
		if err != nil {
			t.Fatal(err)
		}
		ids, agents, kills = append(ids, id), append(agents, o), append(kills, startOfficial(t, o))
	}
	b.awaitConnected(ids)

	on := func(script string, change func(*assist.RunCommandRequest)) *assist.RunCommandRequest {
		r := shell(script)
		r.InstanceId, r.Timeout = append([]string{nth(1)}, ids...), 60
		change(r)
		return r
	}
	once := func(*assist.RunCommandRequest) {}
	states := func(invokeID string) string {
		var all []string
		for _, it := range b.settle(invokeID).InvokeInstances.InvokeInstance {
			all = append(all, strings.TrimSpace(fmt.Sprint(it.InvocationStatus, " ", it.ErrorCode)))
		}
		return strings.Join(all, ", ")
	}

	for _, it := range b.settle(b.submit(on("echo $((6*7)); echo {{ACS::InstanceId}}; exit 3", func(r *assist.RunCommandRequest) { r.EnableParameter = true }))).InvokeInstances.InvokeInstance {
		if it.InvocationStatus != "Failed" || it.ExitCode != 3 || it.Output != "42\n"+it.InstanceId+"\n" {
			t.Errorf("%+v", it)
		}
	}

	_, err = b.RunCommand(t.Context(), on("exit 1", func(r *assist.RunCommandRequest) { r.RepeatMode = repeatDryRun }))
	if err != nil {
		t.Error(err)
	}
	_, err = b.RunCommand(t.Context(), on("exit 1", func(r *assist.RunCommandRequest) { r.RepeatMode, r.WorkingDir = repeatDryRun, "/no/such/directory" }))
	wantRefused(t, err, "400 DirectoryNotExists")

	slow := b.submit(on("echo begun; sleep 5; echo ended", func(r *assist.RunCommandRequest) { r.InstanceId = ids }))
	eventually(t, "the output of running scripts is seen", func() bool {
		seen := 0
		for _, it := range b.describe(slow).InvokeInstances.InvokeInstance {
			if it.InvocationStatus == "Running" && it.Output == "begun\n" {
				seen++
			}
		}
		return seen == len(ids)
	})
	if got := states(slow); got != "Success, Success, Success" {
		t.Error(got)
	}

	long := b.submit(on("echo begun; exec sleep 50", func(r *assist.RunCommandRequest) { r.InstanceId = ids }))
	b.running(long)
	b.stop(long)
	if got := states(long); got != "Terminated, Terminated, Terminated" {
		t.Error(got)
	}

	dir := t.TempDir()
	sent := b.settleFile(b.submitFile(fileRequest("text", func(r *assist.SendFileRequest) {
		r.InstanceId, r.TargetDir = ids[:1], dir
	})))
	if text, err := os.ReadFile(filepath.Join(dir, sent.Name)); sent.InvocationStatus != "Success" || err != nil || string(text) != "text" {
		t.Errorf("%+v, %q, %v", sent, text, err)
	}

	// The lab is killed while scripts run. Its successor knows the agents, and hears of the end.
	count := filepath.Join(dir, "count")
	across := b.submit(on("echo before; echo x >> "+count+"; sleep 10; echo after", func(r *assist.RunCommandRequest) { r.InstanceId = ids[:2] }))
	b.running(across)
	eventually(t, "the output is seen", func() bool { return b.describe(across).InvokeInstances.InvokeInstance[0].Output != "" })
	data, address := crash(t, first), server.Address()
	keys := filepath.Join(data, "agents")
	if err := os.CopyFS(keys, os.DirFS(filepath.Dir(server.CAFile()))); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	second := newLab(t, Options{Data: data})
	if server, err = ServeAgents(t.Context(), second, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	b = open(t, second)
	b.awaitConnected(ids)
	if got := states(across); got != "Success, Success" {
		t.Error(got)
	}
	if text, err := os.ReadFile(count); err != nil || string(text) != "x\nx\n" {
		t.Errorf("%q, %v", text, err)
	}

	// An agent is killed while its script runs: the lab ends the task.
	lost := b.submit(on("echo x | tee -a "+count+"; sleep 2", func(r *assist.RunCommandRequest) { r.InstanceId, r.Timeout = ids[2:], 10 }))
	b.running(lost)
	kills[2]()
	if got := states(lost); got != "Error ClientNotResponse" {
		t.Error(got)
	}
	startOfficial(t, agents[2])
	b.awaitConnected(ids)
	if got := states(b.submit(on("true", once))); got != "Success, Success, Success, Success" {
		t.Error(got)
	}
	if text, err := os.ReadFile(count); err != nil || string(text) != "x\nx\nx\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func startOfficial(t *testing.T, o *agentstest.Official) (kill func()) {
	t.Helper()
	kill, err := o.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kill)
	return kill
}

// awaitConnected waits until the lab can notify the agents of some hosts.
func (b *client) awaitConnected(ids []string) {
	b.t.Helper()
	eventually(b.t, "the agents are connected", func() bool {
		answer, err := b.DescribeManagedInstances(b.t.Context(), &assist.DescribeManagedInstancesRequest{RegionId: "cn-hangzhou", InstanceId: ids})
		if err != nil {
			b.t.Fatal(err)
		}
		connected := 0
		for _, it := range answer.Instances {
			if it.Connected {
				connected++
			}
		}
		return connected == len(ids)
	})
}
