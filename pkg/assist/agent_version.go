package assist

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/schedule"
)

// The agents' builds that first had something, as the documents say: 2.2.3.x on Linux, 2.1.3.x on Windows.
const (
	buildSchedules    = 282 // rate, at, and a cron with a year or a time zone
	buildBuiltins     = 309
	buildContainers   = 344
	buildInstanceName = 344
)

// The first agent builds that are known to support a parameter that older ones silently ignore. They come from the official agent
// itself; the documents name none.
const (
	buildProcessTree = 631 // 578 is known not to
	buildLauncher    = 857 // 578 is known not to
)

// AgentUse is what a command asks of the agent on an instance.
type AgentUse struct {
	Frequency  string
	Containers bool
	Content    string // where parameters are filled in, else empty
	Several    bool   // it goes to several instances
	File       bool   // a file is sent, and no command

	Launcher        bool // it has one
	TerminationMode string
}

// Leniency is a parameter that agents silently ignore if they are too old for it.
type Leniency struct {
	Parameter string
	Least     LeastAgent // the oldest agent that is known to support it
}

// Leniencies returns the parameters of the command that old agents ignore.
func (u AgentUse) Leniencies() []Leniency {
	var all []Leniency
	if u.Launcher {
		all = append(all, Leniency{"Launcher", agents(buildLauncher)})
	}
	if strings.EqualFold(u.TerminationMode, "ProcessTree") {
		all = append(all, Leniency{"TerminationMode", agents(buildProcessTree)})
	}
	return all
}

// LeastAgent is the oldest agent that can do something on a system.
type LeastAgent struct{ Linux, Windows string }

// Least is the oldest agent that will do; it is empty where any will. The documents name no build for the built-in parameters
// RegionId and AccountId, and none for the two of the instance where they need not differ from one instance to the next.
func (u AgentUse) Least() LeastAgent {
	if u.File {
		return LeastAgent{"1.0.2.570", "1.0.2.570"} // newer than 1.0.2.569, says SendFile
	}
	build := 0
	if f, err := schedule.Parse(u.Frequency); u.Frequency != "" && err == nil && (f.Kind() != schedule.Cron || len(strings.Fields(f.String())) > 6) {
		build = buildSchedules
	}
	if u.Containers {
		build = max(build, buildContainers)
	}
	build = max(build, builtinsBuild(u.Content, u.Several))
	if build == 0 {
		return LeastAgent{}
	}
	return agents(build)
}

// For is the version for a system, which OSType names: linux or windows.
func (l LeastAgent) For(osType string) string {
	if strings.EqualFold(osType, "windows") {
		return l.Windows
	}
	return l.Linux
}

// OldAgent tells that an agent is too old for something that the documents have, and gives the oldest that is not.
func OldAgent(osType, version string) (least string, old bool) {
	least = agents(max(buildSchedules, buildBuiltins, buildContainers, buildInstanceName)).For(osType)
	return least, OlderAgent(version, least)
}

func agents(build int) LeastAgent {
	return LeastAgent{fmt.Sprint("2.2.3.", build), fmt.Sprint("2.1.3.", build)}
}

func builtinsBuild(content string, several bool) int {
	build, used := 0, builtinsIn(content)
	for _, builtin := range []struct {
		name  string
		build int
		each  bool // its value is each instance's own
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

// OlderAgent compares the numbers between two versions' dots. Any version will do where none is wanted.
func OlderAgent(version, than string) bool {
	return than != "" && slices.Compare(numbers(version), numbers(than)) < 0
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // what is no number is a very old one
		all = append(all, n)
	}
	return all
}
