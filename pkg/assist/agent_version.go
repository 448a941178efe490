package assist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/schedule"
)

// The agents' builds that introduced a feature, according to the documentation: 2.2.3.x on Linux, 2.1.3.x on Windows.
const (
	buildSchedules    = 282 // rate, at, and a cron with a year or a time zone
	buildBuiltins     = 309
	buildContainers   = 344
	buildInstanceName = 344
	buildModifies     = 541 // ModifyInvocationAttribute
)

// The first agent builds that are known to support a parameter that older ones silently ignore. They come from the official agent.
// The documentation does not name them.
const (
	buildProcessTree = 631 // 578 does not
	buildLauncher    = 857 // 578 does not
)

// buildRemovesScript is the first agent build that is known to remove a script's file after the run. Build 578 leaves it on the instance,
// with the values of custom parameters filled in.
const buildRemovesScript = 857

// AgentUse lists the features of the agent that a command uses.
type AgentUse struct {
	Frequency  string
	Containers bool
	Content    string // if it has parameters, otherwise empty
	Several    bool   // whether there are several instances
	File       bool   // whether a file is sent instead of a command

	Secrets         bool // whether custom parameters have secret values
	Launcher        bool // whether the command has one
	TerminationMode string
}

// IgnoredParameter is a parameter that older agents silently ignore.
type IgnoredParameter struct {
	Parameter string
	Min       MinAgent // the oldest agent that is known to support the parameter
}

// IgnoredParameters returns the parameters of the command that old agents ignore.
func (u AgentUse) IgnoredParameters() []IgnoredParameter {
	var all []IgnoredParameter
	if u.Launcher {
		all = append(all, IgnoredParameter{"Launcher", agents(buildLauncher)})
	}
	if strings.EqualFold(u.TerminationMode, "ProcessTree") {
		all = append(all, IgnoredParameter{"TerminationMode", agents(buildProcessTree)})
	}
	return all
}

// RemovesScript returns the oldest agent that is known to remove the script's file after the run.
func RemovesScript() MinAgent { return agents(buildRemovesScript) }

// ModifiesInvocations returns the oldest agent that takes changes of a scheduled invocation.
func ModifiesInvocations() MinAgent { return agents(buildModifies) }

// MinAgent is the oldest agent version with a feature, for each system.
type MinAgent struct{ Linux, Windows string }

// MinAgent returns the oldest agent that supports the command. It is empty if every agent does. The documentation names no build for the
// built-in parameters RegionId and AccountId, nor for the two parameters of the instance if there is a single instance.
func (u AgentUse) MinAgent() MinAgent {
	if u.File {
		return MinAgent{"1.0.2.570", "1.0.2.570"} // the documentation of SendFile requires a version newer than 1.0.2.569
	}
	build := 0
	if u.Frequency != "" { // the lab calls this for each task
		if f, err := schedule.Parse(u.Frequency); err == nil && (f.Kind() != schedule.Cron || len(strings.Fields(f.String())) > 6) {
			build = buildSchedules
		}
	}
	if u.Containers {
		build = max(build, buildContainers)
	}
	build = max(build, builtinsBuild(u.Content, u.Several))
	if build == 0 {
		return MinAgent{}
	}
	return agents(build)
}

// For returns the version for an OSType: linux or windows.
func (l MinAgent) For(osType string) string {
	if strings.EqualFold(osType, "windows") {
		return l.Windows
	}
	return l.Linux
}

// OutdatedAgent reports whether an agent is too old for any documented feature. It returns the oldest version that is not.
func OutdatedAgent(osType, version string) (least string, old bool) {
	least = agents(max(buildSchedules, buildBuiltins, buildContainers, buildInstanceName, buildModifies)).For(osType)
	return least, OlderAgent(version, least)
}

func agents(build int) MinAgent {
	return MinAgent{fmt.Sprint("2.2.3.", build), fmt.Sprint("2.1.3.", build)}
}

func builtinsBuild(content string, several bool) int {
	build, used := 0, builtinsIn(content)
	for _, builtin := range []struct {
		name  string
		build int
		each  bool // each instance has its own value
	}{
		{"ACS::InstanceId", buildBuiltins, true},
		{"ACS::InstanceName", buildInstanceName, true},
		{"ACS::InvokeId", buildBuiltins, false},
		{"ACS::CommandId", buildBuiltins, false},
	} {
		if (several || !builtin.each) && slices.Contains(used, builtin.name) {
			build = max(build, builtin.build)
		}
	}
	return build
}

// OlderBuild reports whether an agent on a system with an OSType is older than a build of the official agent.
func OlderBuild(osType, version string, build int) bool {
	return OlderAgent(version, agents(build).For(osType))
}

// OlderAgent reports whether version is older than another. It compares the numbers between the dots. No version is older than "".
func OlderAgent(version, than string) bool {
	return than != "" && slices.Compare(numbers(version), numbers(than)) < 0
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // anything else than a number is 0
		all = append(all, n)
	}
	return all
}
