//go:build unix

package lab

import (
	"testing"

	"muster/pkg/assist"
)

func TestOlderAgent(t *testing.T) {
	for version, want := range map[string]bool{
		"2.2.3.281": true, "2.2.3.282": false, "2.2.3.1000": false, "2.2.4.1": false, "2.3": false, "2.2.3": true, "1.0.2.569": true, "beta": true,
	} {
		if got := assist.OlderAgent(version, "2.2.3.282"); got != want {
			t.Errorf("%s: %v", version, got)
		}
	}
}

func TestClientNeedUpgrade(t *testing.T) {
	content := func(text string) func(r *assist.RunCommandRequest) {
		return func(r *assist.RunCommandRequest) { r.CommandContent, r.EnableParameter = text, true }
	}
	container := func(r *assist.RunCommandRequest) { r.ContainerName = "web" }
	both := func(changes ...func(r *assist.RunCommandRequest)) func(r *assist.RunCommandRequest) {
		return func(r *assist.RunCommandRequest) {
			for _, change := range changes {
				change(r)
			}
		}
	}
	for _, c := range []struct {
		name      string
		change    func(r *assist.RunCommandRequest)
		instances int
		build     int // the oldest that is new enough; 0 for any
	}{
		{"rate", every("rate(60s)"), 1, 282},
		{"at", every("at(2027-01-01 00:00:00)"), 1, 282},
		{"zone", every("0 0 8 * * ? UTC"), 1, 282},
		{"year", every("0 0 8 * * ? 2027"), 1, 282},
		{"plain cron", every("0 0 8 * * ?"), 1, 0},
		{"reboot", repeated("EveryReboot"), 1, 0},
		{"container", container, 1, 344},
		{"periodic container", both(every("0 0 8 * * ?"), container), 1, 344},
		{"invoke id", content("echo {{ ACS::InvokeId }}"), 1, 309},
		{"command id", content("echo {{ACS::CommandId}}"), 1, 309},
		{"instance id", content("echo {{ACS::InstanceId}}"), 1, 0},
		{"instances' ids", content("echo {{ACS::InstanceId}}"), 2, 309},
		{"instances' names", content("echo {{ACS::InstanceName}} {{ACS::InstanceId}}"), 2, 344},
		{"region", content("echo {{ACS::RegionId}} {{ACS::AccountId}}"), 2, 0},
		{"no parameters", func(r *assist.RunCommandRequest) { r.CommandContent = "echo {{ACS::InvokeId}}" }, 1, 0},
	} {
		for version, build := range map[string]int{"2.2.3.281": 281, "2.2.3.282": 282, "2.2.3.308": 308, "2.2.3.309": 309, "2.2.3.343": 343, "2.2.3.344": 344} {
			inBubble(t, c.instances, func(b *bubble) {
				b.change(1, func(it *Instance) { it.AgentVersion = version })
				id := b.periodic(c.instances, c.change)
				b.after(0)
				it := b.describe(id).InvokeInstances.InvokeInstance[0]
				refused := it.InvocationStatus == "Aborted" && it.ErrorCode == "ClientNeedUpgrade" && it.ErrorInfo != ""
				if refused != (build < c.build) {
					t.Errorf("%s with %s: %+v", c.name, version, it)
				}
			})
		}
	}
}

func TestClientNeedUpgradeOnWindows(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		for version, want := range map[string]string{"2.1.3.281": "Aborted", "2.1.3.282": "Scheduled"} {
			b.change(1, func(it *Instance) { it.OSType, it.AgentVersion = "windows", version })
			id := b.periodic(1, func(r *assist.RunCommandRequest) { r.Type, r.Frequency = "RunBatScript", "rate(60s)" })
			if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != want {
				t.Errorf("%s: %+v", version, it)
			}
		}
	})
}
