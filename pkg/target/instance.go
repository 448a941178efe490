package target

import (
	"fmt"
	"strings"

	"muster/pkg/assist"
)

// Instance is an instance, as far as a command must know it before it is sent.
type Instance struct {
	InstanceId   string
	InstanceName string
	Place        int    // the index of its Place in the Resolver
	Status       string // Running, Stopped, …; empty for a managed instance
	OSType       string // linux, windows
	Managed      bool   // a host outside ECS, whose id begins with mi-
	Missing      bool   // the service lists no such instance
	Online       bool   // the agent's heartbeat is at most two minutes old
	AgentVersion string // empty if there is no agent

	Record *Record // nil unless the selector or the caller needs it
}

// Ineligible is the reason why an instance cannot run a command now, in the API's words.
type Ineligible struct {
	Code string // an instance error code, such as InstanceNotRunning
	Info string
}

// Need lists the requirements of a command.
type Need struct {
	CommandType string          // RunShellScript, …; empty suits every system
	Agent       assist.MinAgent // the oldest agent version that suffices
}

// Check returns the reason why the instance cannot run a command now, or nil if it can.
func (i *Instance) Check(need Need) *Ineligible {
	commandType := need.CommandType
	least := need.Agent.For(i.OSType)
	wantsWindows := commandType == "RunBatScript" || commandType == "RunPowerShellScript"
	switch {
	case i.Missing:
		return &Ineligible{"InstanceNotExists", "the service lists no such instance"}
	case !i.Managed && i.Status != "Running":
		return &Ineligible{"InstanceNotRunning", "the instance is " + i.Status}
	case i.AgentVersion == "":
		return &Ineligible{"ClientNotRunning", "there is no Cloud Assistant agent on the instance"}
	case !i.Online && i.Managed:
		return &Ineligible{"ClientNotResponse", "the agent is not connected"}
	case !i.Online:
		return &Ineligible{"ClientNotResponse", "the agent has sent no heartbeat for two minutes"}
	case commandType != "" && wantsWindows != strings.EqualFold(i.OSType, "windows"):
		return &Ineligible{"CommandNotApplicable", fmt.Sprintf("%s does not run on %s", commandType, i.OSType)}
	case assist.OlderAgent(i.AgentVersion, least):
		return &Ineligible{"ClientNeedUpgrade", fmt.Sprintf("the agent is %s, and %s is needed", i.AgentVersion, least)}
	}
	return nil
}

// usable reports whether the instance can run some command now.
func (i *Instance) usable() bool { return i.Check(Need{}) == nil }

// isManagedID reports whether an id is that of a managed instance.
func isManagedID(id string) bool { return strings.HasPrefix(id, "mi-") }
