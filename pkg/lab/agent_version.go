package lab

import (
	"fmt"
	"slices"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// before631 reports whether the instance behaves like build 578 of the official agent, which was measured, and not like the
// builds from 631 on, whose source was read. Nothing is known of the builds between them.
func (it *Instance) before631() bool { return assist.OlderBuild(it.OSType, it.AgentVersion, 631) }

// reporting returns how the agent of the instance reports the output of running scripts. Of the scripts of a schedule, it
// reports nothing before their end.
func (it *Instance) reporting(scheduled bool) runner.Reporting {
	return runner.Reporting{InReads: it.before631(), AtEnd: scheduled}
}

// agentOS returns the operating system in the words of DescribeCloudAssistantStatus.
func (it *Instance) agentOS() string {
	if it.windows() {
		return "Windows"
	}
	return "Linux"
}

// checkAgentVersion returns a failure if the agent of the instance is too old for an invocation.
func checkAgentVersion(inv *invocation, it *Instance) *failure {
	use := assist.AgentUse{
		Frequency: inv.FrequencyText, Containers: inv.ContainerId != "" || inv.ContainerName != "", Several: inv.Instances > 1,
	}
	if inv.Command.EnableParameter {
		use.Content = string(inv.Command.Content)
	}
	oldest := use.MinAgent().For(it.OSType)
	if !assist.OlderAgent(it.AgentVersion, oldest) {
		return nil
	}
	return &failure{assist.StatusAborted, "ClientNeedUpgrade", fmt.Sprintf(
		"The cloud assistant client on the instance is too old: it is %s, and %s is needed.", it.AgentVersion, oldest)}
}

// ignoresParameter reports whether the agent of the instance is too old to know a parameter of an invocation, and ignores it.
func ignoresParameter(inv *invocation, it *Instance, parameter string) bool {
	use := assist.AgentUse{Launcher: inv.Launcher != "", TerminationMode: inv.TerminationMode}
	return slices.ContainsFunc(use.IgnoredParameters(), func(l assist.IgnoredParameter) bool {
		return l.Parameter == parameter && assist.OlderAgent(it.AgentVersion, l.Min.For(it.OSType))
	})
}
