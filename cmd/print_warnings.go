package cmd

import (
	"fmt"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/target"
)

// mostWarnings bounds how many warnings are printed.
const mostWarnings = 10

// masked masks secrets in warnings, in place.
func (a *app) masked(warnings []fleet.Warning) []fleet.Warning {
	for i := range warnings {
		warnings[i].Message = a.secrets.Mask(warnings[i].Message)
	}
	return warnings
}

// warn prints warnings on stderr, unless --quiet is given.
func (a *app) warn(warnings []fleet.Warning) {
	if a.config.Quiet {
		return
	}
	for _, w := range warnings[:min(len(warnings), mostWarnings)] {
		a.note("warning: %s", warningLine(w))
	}
	if more := len(warnings) - mostWarnings; more > 0 {
		a.note("warning: and %d more, which -o json and --preview have", more)
	}
}

// warningLine returns a warning as one line, with its line number.
func warningLine(w fleet.Warning) string {
	if w.Line > 0 {
		return fmt.Sprintf("line %d: %s", w.Line, w.Message)
	}
	return w.Message
}

// ignored returns a warning for each parameter that the agents of some instances silently ignore, because they are too old.
func ignored(instances []target.Instance, need target.Need, use assist.AgentUse) []fleet.Warning {
	var warnings []fleet.Warning
	for _, parameter := range use.Leniencies() {
		able, count, first := 0, 0, (*target.Instance)(nil)
		for i := range instances {
			if instances[i].Check(need) != nil {
				continue
			}
			able++
			if assist.OlderAgent(instances[i].AgentVersion, parameter.Least.For(instances[i].OSType)) {
				count++
				if first == nil || assist.OlderAgent(instances[i].AgentVersion, first.AgentVersion) {
					first = &instances[i]
				}
			}
		}
		if count == 0 {
			continue
		}
		w := fleet.Warning{Code: fleet.WarnLauncherIgnored, InstanceCount: count}
		effect := "sh reads the script instead"
		if parameter.Parameter == "TerminationMode" {
			w.Code, effect = fleet.WarnTerminationIgnored, "a stop or time-out ends the script's first process alone"
		}
		w.Message = fmt.Sprintf("%d of %d instances have agents too old for %s, which ignore it without an error, so that %s; "+
			"the oldest is %s on %s, and %s is needed", count, able, parameter.Parameter, effect, first.AgentVersion, first.InstanceId,
			parameter.Least.For(first.OSType))
		warnings = append(warnings, w)
	}
	return warnings
}
