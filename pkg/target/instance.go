package target

import (
	"fmt"
	"strings"

	"muster/pkg/assist"
)

// Instance is what is known of one machine before anything is sent to it.
type Instance struct {
	InstanceId   string
	InstanceName string
	Status       string // Running, Stopped, …; empty when the service lists no such instance
	OSType       string // linux, windows
	Online       bool   // the agent's heartbeat is at most two minutes old
	AgentVersion string // empty where there is no agent
}

// Ineligible is why an instance cannot take a command now, in the API's words for it.
type Ineligible struct {
	Code string // an instance error code, such as InstanceNotRunning
	Info string
}

// Need is what a command needs of an instance.
type Need struct {
	CommandType string            // RunShellScript, …; empty suits every system
	Agent       assist.LeastAgent // the oldest one that will do
}

// Check tells why the instance cannot take a command now; nil when it can.
func (i Instance) Check(need Need) *Ineligible {
	commandType := need.CommandType
	least := need.Agent.For(i.OSType)
	wantsWindows := commandType == "RunBatScript" || commandType == "RunPowerShellScript"
	switch {
	case i.Status == "":
		return &Ineligible{"InstanceNotExists", "the service lists no such instance"}
	case i.Status != "Running":
		return &Ineligible{"InstanceNotRunning", "the instance is " + i.Status}
	case i.AgentVersion == "":
		return &Ineligible{"ClientNotRunning", "there is no Cloud Assistant agent on the instance"}
	case !i.Online:
		return &Ineligible{"ClientNotResponse", "the agent has sent no heartbeat for two minutes"}
	case commandType != "" && wantsWindows != strings.EqualFold(i.OSType, "windows"):
		return &Ineligible{"CommandNotApplicable", fmt.Sprintf("%s does not run on %s", commandType, i.OSType)}
	case assist.OlderAgent(i.AgentVersion, least):
		return &Ineligible{"ClientNeedUpgrade", fmt.Sprintf("the agent is %s, and %s is needed", i.AgentVersion, least)}
	}
	return nil
}

func fromInstance(i assist.InstanceSummary) Instance {
	return Instance{InstanceId: i.InstanceId, InstanceName: i.InstanceName, Status: i.Status, OSType: i.OSType}
}
