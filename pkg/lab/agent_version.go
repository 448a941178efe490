package lab

import (
	"fmt"
	"slices"

	"muster/pkg/assist"
)

// needsUpgrade tells that an instance's agent is too old for an invocation, or gives nil.
func needsUpgrade(inv *invocation, it *Instance) *failure {
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
	return &failure{assist.StatusAborted, "ClientNeedUpgrade", fmt.Sprintf(
		"The cloud assistant client on the instance is too old: it is %s, and %s is needed.", it.AgentVersion, least)}
}

// ignores reports whether an instance's agent is so old that it leaves a parameter of an invocation out without an error.
func ignoresParameter(inv *invocation, it *Instance, parameter string) bool {
	use := assist.AgentUse{Launcher: inv.Launcher != "", TerminationMode: inv.TerminationMode}
	return slices.ContainsFunc(use.Leniencies(), func(l assist.Leniency) bool {
		return l.Parameter == parameter && assist.OlderAgent(it.AgentVersion, l.Least.For(it.OSType))
	})
}
