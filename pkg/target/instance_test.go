package target

import (
	"testing"

	"muster/pkg/assist"
)

func TestCheck(t *testing.T) {
	good := Instance{InstanceId: "i-1", Status: "Running", OSType: "linux", Online: true, AgentVersion: "2.2.3.309"}
	for want, change := range map[string]func(*Instance){
		"":                     func(*Instance) {},
		"InstanceNotExists":    func(i *Instance) { i.Missing = true },
		"InstanceNotRunning":   func(i *Instance) { i.Status = "Stopped" },
		"ClientNotRunning":     func(i *Instance) { i.AgentVersion = "" },
		"ClientNotResponse":    func(i *Instance) { i.Online = false },
		"CommandNotApplicable": func(i *Instance) { i.OSType = "windows" },
		"ClientNeedUpgrade":    func(i *Instance) { i.AgentVersion = "2.2.3.308" },
	} {
		i := good
		change(&i)
		got := ""
		need := Need{CommandType: "RunShellScript", Agent: assist.MinAgent{Linux: "2.2.3.309", Windows: "2.1.3.309"}}
		if why := i.Check(need); why != nil {
			got = why.Code
		}
		if got != want {
			t.Errorf("%v: %q, want %q", i, got, want)
		}
	}
	windows := Instance{InstanceId: "i-1", Status: "Running", OSType: "Windows", Online: true, AgentVersion: "1"}
	if why := windows.Check(Need{CommandType: "RunPowerShellScript"}); why != nil {
		t.Errorf("PowerShell on Windows: %v", why)
	}
	managed := Instance{InstanceId: "mi-1", Managed: true, OSType: "linux", Online: true, AgentVersion: "2.2.3.857"}
	if why := managed.Check(Need{CommandType: "RunShellScript"}); why != nil {
		t.Errorf("a managed instance: %v", why)
	}
	managed.Online = false
	if why := managed.Check(Need{}); why == nil || why.Code != "ClientNotResponse" {
		t.Errorf("a managed instance that is not connected: %v", why)
	}
}
