package cmd

import (
	"errors"
	"fmt"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/target"
)

// maxWarnings bounds how many warnings are printed.
const maxWarnings = 10

// maskWarnings masks secrets in warnings, in place.
func (p *printer) maskWarnings(warnings []fleet.Warning) []fleet.Warning {
	for i := range warnings {
		warnings[i].Message = p.secrets.Mask(warnings[i].Message)
	}
	return warnings
}

// warn prints warnings on stderr, unless --quiet is given.
func (p *printer) warn(warnings []fleet.Warning) {
	if p.config.Quiet {
		return
	}
	for _, w := range warnings[:min(len(warnings), maxWarnings)] {
		p.note("warning: %s", warningLine(w))
	}
	if more := len(warnings) - maxWarnings; more > 0 {
		p.note("warning: %d more; -o json and --preview list them", more)
	}
}

// warningLine returns a warning as one line, with its line number.
func warningLine(w fleet.Warning) string {
	if w.Line > 0 {
		return fmt.Sprintf("line %d: %s", w.Line, w.Message)
	}
	return w.Message
}

// agentWarnings returns warnings of agents that are too old for something and do not report it: they ignore a parameter, or leave
// secrets behind.
func agentWarnings(instances []target.Instance, need target.Need, use assist.AgentUse) []fleet.Warning {
	var warnings []fleet.Warning
	for _, parameter := range use.IgnoredParameters() {
		code, effect := fleet.WarnLauncherIgnored, "sh reads the script instead"
		if parameter.Parameter == "TerminationMode" {
			code, effect = fleet.WarnTerminationIgnored, "a stop or timeout ends only the script's first process"
		}
		problem := fmt.Sprintf("agents too old for %s, which ignore it without an error, so that %s", parameter.Parameter, effect)
		warnings = warnOfAgents(warnings, instances, need, code, problem, parameter.Min)
	}
	if use.Secrets {
		warnings = warnOfAgents(warnings, instances, need, fleet.WarnSecretLeft,
			"agents that may leave the script in a file there, with the values of secret parameters filled in", assist.RemovesScript())
	}
	return warnings
}

// warnOfAgents appends a warning if some of the instances that can run the command have an agent older than a version.
func warnOfAgents(warnings []fleet.Warning, instances []target.Instance, need target.Need, code, problem string, least assist.MinAgent) []fleet.Warning {
	able, count, first := 0, 0, (*target.Instance)(nil)
	for i := range instances {
		if instances[i].Check(need) != nil {
			continue
		}
		able++
		if assist.OlderAgent(instances[i].AgentVersion, least.For(instances[i].OSType)) {
			count++
			if first == nil || assist.OlderAgent(instances[i].AgentVersion, first.AgentVersion) {
				first = &instances[i]
			}
		}
	}
	if count == 0 {
		return warnings
	}
	certain := "support"
	if code == fleet.WarnSecretLeft {
		certain = "removal"
	}
	return append(warnings, fleet.Warning{Code: code, InstanceCount: count, Message: fmt.Sprintf(
		"%d of %d instances have %s; the oldest is %s on %s, and %s is certain from %s on",
		count, able, problem, first.AgentVersion, first.InstanceId, certain, least.For(first.OSType))})
}

// warnOfProblems warns once of problems that did not make the command fail. It is called as soon as that is known: before the first
// call, before the first document, and at the end.
func (p *printer) warnOfProblems(failed error) {
	if p.config == nil || p.warned || p.config.Quiet || p.examines == inDocument {
		return
	}
	p.warned = true
	for _, problem := range p.problems() {
		if !errors.Is(failed, problem.Err) {
			p.note("warning: %s", p.explain(problem.Err))
		}
	}
}

// warnOfEmptyProfiles warns of an empty config.json if something is missing that a profile could have.
func (p *printer) warnOfEmptyProfiles(c *config.Config) {
	if c.EmptyProfileFile != "" && !p.config.Quiet {
		p.note("warning: %s is empty: it has no profiles", c.EmptyProfileFile)
	}
}

// problemAdvice returns what to do about a problem.
func (p *printer) problemAdvice(problem config.Problem) string {
	setting, isSetting := errors.AsType[*config.Error](problem.Err)
	switch {
	case problem.Kind == config.BadProfile && problem.Key != "":
		advice := "choose a profile with --profile, or add it with aliyun configure"
		if problem.Line > 0 {
			advice = fmt.Sprintf("choose a profile with --profile, or correct %s:%d", problem.Path, problem.Line)
		}
		if known := p.advice(problem.Err); known != "" {
			advice += "; " + known
		}
		return advice
	case problem.Line > 0:
		return fmt.Sprintf("correct %s:%d", problem.Path, problem.Line)
	case problem.Path != "":
		return "make " + problem.Path + " a file that you can read, or remove it"
	case isSetting:
		return "correct or unset " + setting.Origin
	}
	return ""
}
