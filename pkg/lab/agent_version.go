package lab

import (
	"fmt"

	"muster/pkg/assist"
)

// needsUpgrade tells that an instance's agent is too old for an invocation, or gives nil.
func needsUpgrade(inv *invocation, it *Instance) *fault {
	use := assist.AgentUse{
		Frequency: inv.FrequencyText, Containers: inv.ContainerId != "" || inv.ContainerName != "", Several: inv.Instances > 1,
	}
	if inv.Command.EnableParameter {
		use.Content = string(inv.Command.Content)
	}
	least := use.Least().For(it.OSType)
	if !assist.OlderAgent(it.AgentVersion, least) {
		return nil
	}
	return &fault{assist.StatusAborted, "ClientNeedUpgrade", fmt.Sprintf(
		"The cloud assistant client on the instance is too old: it is %s, and %s is needed.", it.AgentVersion, least)}
}
