//go:build unix

package lab

import (
	"testing"

	"muster/pkg/assist"
)

func TestInstallCloudAssistant(t *testing.T) {
	b := openFleet(t, 2)
	install := func(ids ...string) error {
		_, err := b.InstallCloudAssistant(t.Context(), &assist.InstallCloudAssistantRequest{RegionId: "cn-hangzhou", InstanceId: ids})
		return err
	}
	change := func(n int, f func(*Instance)) {
		t.Helper()
		if err := b.lab.SetInstance(nth(n), f); err != nil {
			t.Fatal(err)
		}
	}
	restart := func(n int) {
		change(n, func(it *Instance) { it.Status = "Stopped" })
		change(n, func(it *Instance) { it.Status = "Running" })
	}
	version := func(n int) string { return b.lab.own.inventory.byID[nth(n)].get().AgentVersion }
	change(1, func(it *Instance) { it.AgentVersion = "" })
	change(2, func(it *Instance) { it.AgentVersion = "2.1" })
	restart(1)
	if got := version(1); got != "" {
		t.Errorf("agent %q before it was installed", got)
	}
	if err := install(nth(1), nth(2)); err != nil {
		t.Fatal(err)
	}
	_, err := b.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "400 InvalidInstance.NoClient")
	if err := b.lab.Reboot(nth(1)); err != nil {
		t.Fatal(err)
	}
	restart(2)
	if got := b.run(shell("true")); got.InvocationStatus != "Success" {
		t.Errorf("%+v", got)
	}
	if got := version(2); got != "2.1" {
		t.Errorf("the existing agent is now %q", got)
	}
	change(1, func(it *Instance) { it.AgentVersion = "" })
	restart(1)
	if got := version(1); got != "" {
		t.Errorf("agent %q was installed again", got)
	}
	if err := install(nth(1)); err != nil {
		t.Fatal(err)
	}
	restart(1)
	if got := version(1); got != agentVersion {
		t.Errorf("agent %q after a start", got)
	}

	wantRefused(t, install(), "400 MissingParameter.InstanceId")
	wantRefused(t, install(nth(1), "i-none"), "404 InvalidInstance.NotFound")
	wantRefused(t, install(make([]string, 51)...), "403 InstanceIds.ExceedLimit")
}
