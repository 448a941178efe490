package lab

import (
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
	"muster/pkg/lab/runner/runnertest"
)

// TestResetKillsProcesses resets a lab with scripts that have children in the background and daemons, and with one that has outlived
// its shell.
func TestResetKillsProcesses(t *testing.T) {
	fleet := NumberedInstances(2)
	fleet[1].Shell = runner.Dash
	b := open(t, newLab(t, Options{Instances: fleet}))
	r := shell("echo $$; sleep 1000 & echo $!; setsid sh -c 'echo $$; while :; do sleep 1000; done' & wait")
	r.InstanceId = []string{nth(1), nth(2)}
	id := b.submit(r)
	var pids []string
	eventually(t, "the scripts run", func() bool {
		pids = nil
		for _, it := range b.describe(id).InvokeInstances.InvokeInstance {
			pids = append(pids, strings.Fields(it.Output)...)
		}
		return len(pids) == 6
	})
	var processes []runnertest.Process
	for _, pid := range pids {
		processes = append(processes, runnertest.OpenProcess(t, pid))
	}
	stop := &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: id, InstanceId: []string{nth(2)}}
	if _, err := b.StopInvocation(t.Context(), stop); err != nil {
		t.Fatal(err)
	}
	b.reset(&ResetRequest{KeepInstances: true})
	for i, p := range processes {
		if !p.Exited(t, 10_000) {
			t.Errorf("process %s, number %d, is still running", pids[i], i)
		}
	}
	if got := b.run(shell("echo again")); got.Output != "again\n" {
		t.Errorf("%+v", got)
	}
}
