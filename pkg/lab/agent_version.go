package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/schedule"
)

// The agents' builds that first had something, as the documents say: 2.2.3.x on Linux, 2.1.3.x on Windows.
const (
	buildSchedules    = 282 // rate, at, and a cron with a year or a time zone
	buildBuiltins     = 309
	buildContainers   = 344
	buildInstanceName = 344
)

// needsUpgrade tells that an instance's agent is too old for an invocation, or gives nil. The documents name no build for
// RegionId and AccountId, and none for the two of the instance where they need not differ from one instance to the next.
func needsUpgrade(inv *invocation, it *Instance) *fault {
	build := 0
	if f := inv.Frequency; f != nil && (f.Kind() != schedule.Cron || len(strings.Fields(f.String())) > 6) {
		build = buildSchedules
	}
	if inv.ContainerId != "" || inv.ContainerName != "" {
		build = max(build, buildContainers)
	}
	if inv.Command.EnableParameter {
		build = max(build, builtinsBuild(string(inv.Command.Content), inv.Instances > 1))
	}
	line := "2.2.3."
	if it.windows() {
		line = "2.1.3."
	}
	least := line + strconv.Itoa(build)
	if build == 0 || !olderVersion(it.AgentVersion, least) {
		return nil
	}
	return &fault{assist.StatusAborted, "ClientNeedUpgrade", fmt.Sprintf(
		"The cloud assistant client on the instance is too old: it is %s, and %s is needed.", it.AgentVersion, least)}
}

// OldAgent tells that an agent is too old for something that the documents have, and gives the version that is not.
func OldAgent(osType, version string) (least string, old bool) {
	least = "2.2.3."
	if strings.EqualFold(osType, "windows") {
		least = "2.1.3."
	}
	least += strconv.Itoa(max(buildSchedules, buildBuiltins, buildContainers, buildInstanceName))
	return least, olderVersion(version, least)
}

func builtinsBuild(content string, several bool) int {
	build := 0
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
		if (several || !builtin.each) && uses(content, builtin.name) {
			build = max(build, builtin.build)
		}
	}
	return build
}

func uses(content, builtin string) bool {
	with, _ := assist.FillBuiltins(content, map[string]string{builtin: "x"})
	without, _ := assist.FillBuiltins(content, nil)
	return with != without
}

// olderVersion compares the numbers between the dots.
func olderVersion(version, than string) bool {
	return slices.Compare(numbers(version), numbers(than)) < 0
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // what is no number is a very old one
		all = append(all, n)
	}
	return all
}
