package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// prepare turns a task into a script for this machine, or returns why its instance cannot run it. For a simulated instance the
// script is empty.
func (a *agents) prepare(j *job) (runner.Script, *failure) {
	it := j.host.get()
	content, launch, f := a.read(j, it)
	if f != nil {
		return runner.Script{}, f
	}
	if j.simulation != nil {
		return runner.Script{}, nil
	}
	if f := checkMachine(j); f != nil {
		return runner.Script{}, f
	}
	as, f := findOSUser(j.Username, it)
	if f != nil {
		return runner.Script{}, f
	}
	home, dir, err := a.dirs.ownDirs(it)
	if err != nil {
		return runner.Script{}, broke(err)
	}
	name := j.InvokeId
	if j.run > 1 { // the script of an earlier run may still be running
		name = fmt.Sprintf("%s-%d", name, j.run)
	}
	path := filepath.Join(a.dirs.path, it.InstanceId, name+launch.Extension(j.Command.Type))
	if j.Username != "" {
		dir = home
	}
	if as != nil {
		if path, err = a.sharedDir.path(it.InstanceId + "-" + filepath.Base(path)); err != nil {
			return runner.Script{}, broke(err)
		}
		home, dir = as.Home, as.Home
	}
	if j.WorkingDir != "" {
		dir = a.dirs.workingDir(j.WorkingDir, dir, as, it)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || !filepath.IsAbs(dir) { // a home need not exist
		return runner.Script{}, noDirectory()
	}
	return runner.Script{
		Content: []byte(content), Path: path, Launcher: launch.Command(j.Command.Type, path), Dir: dir, Home: home, As: as,
		Hostname: it.HostName, Shell: it.Shell, Timeout: seconds(j.Timeout), KillTree: strings.EqualFold(j.TerminationMode, "ProcessTree") && !ignoresParameter(j.invocation, it, "TerminationMode"),
	}, nil
}

// read reads a task as the agent does, on simulated instances too, or returns why the agent cannot.
func (a *agents) read(j *job, it *Instance) (content string, launch runner.Launcher, _ *failure) {
	if a.faults.occurs(j.injected.fail) {
		return "", runner.Launcher{}, j.injected.fail.failure
	}
	if f := checkAgentVersion(j.invocation, it); f != nil {
		return "", runner.Launcher{}, f
	}
	if j.ContainerId != "" || j.ContainerName != "" {
		return "", runner.Launcher{}, invalid("CommandNotApplicable", "The lab's instances have no containers.")
	}
	text := j.Launcher
	if ignoresParameter(j.invocation, it, "Launcher") {
		text = ""
	}
	launch, err := runner.ParseLauncher(text)
	if err != nil {
		return "", runner.Launcher{}, invalid("InvalidLauncher", "The launcher is not valid: "+err.Error()+".")
	}
	content, f := a.fill(j.invocation, it)
	return content, launch, f
}

// checkMachine refuses what this machine lacks and real instances have.
func checkMachine(j *job) *failure {
	if j.Command.Type != "RunShellScript" && runtime.GOOS != "windows" {
		return invalid("CommandNotApplicable", fmt.Sprintf("The lab is on %s, where it cannot run %s.", runtime.GOOS, j.Command.Type))
	}
	return nil
}

// fill replaces the parameters in the script. The service's code for an unknown built-in parameter is not documented; this one
// is the official agent's.
func (a *agents) fill(inv *invocation, it *Instance) (string, *failure) {
	content := string(inv.Command.Content)
	if !inv.Command.EnableParameter {
		return content, nil
	}
	content, unknown := a.fillBuiltins(assist.FillParameters(content, inv.Parameters), inv, it)
	if unknown != "" {
		return "", invalid("InvalidEnvironmentParameter", "The environment parameter "+unknown+" is invalid.")
	}
	return content, nil
}

func (a *agents) fillBuiltins(text string, inv *invocation, it *Instance) (filled, unknown string) {
	values := map[string]string{
		"ACS::RegionId":   it.RegionId,
		"ACS::AccountId":  a.account,
		"ACS::InstanceId": it.InstanceId,
		"ACS::InvokeId":   inv.InvokeId,
		"ACS::CommandId":  inv.Command.CommandId,
	}
	if it.InstanceName != "" { // otherwise, the agent knows no such parameter
		values["ACS::InstanceName"] = it.InstanceName
	}
	return assist.FillBuiltins(text, values)
}
