package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"muster/pkg/assist"
)

// prepare makes a task into a script for this machine, or tells why its instance cannot run it.
func (a *agents) prepare(j *job) (script, *fault) {
	it := j.host.get()
	if f := a.faults.end(faultOfTask); f != nil {
		return script{}, f
	}
	if f := a.check(j); f != nil {
		return script{}, f
	}
	as, f := accountOf(j.Username)
	if f != nil {
		return script{}, f
	}
	launch, err := parseLauncher(j.Launcher)
	if err != nil {
		return script{}, invalid("InvalidLauncher", "The launcher is not valid: "+err.Error()+".")
	}
	content, f := a.fill(j, it)
	if f != nil {
		return script{}, f
	}
	place := filepath.Join(a.dir, it.InstanceId) // of its scripts, and of its home
	home := filepath.Join(place, "root")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return script{}, broke(err)
	}
	path := filepath.Join(place, j.InvokeId+launch.extension(j.Command.Type))
	dir := home
	if as != nil {
		if path, err = a.others.path(it.InstanceId + "-" + filepath.Base(path)); err != nil {
			return script{}, broke(err)
		}
		home, dir = as.home, as.start()
	}
	if j.WorkingDir != "" {
		dir = j.WorkingDir
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(home, dir)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return script{}, invalid("DirectoryNotExists", "The specified directory does not exist.")
		}
	}
	return script{
		Content: []byte(content), Path: path, Launcher: launch.command(j.Command.Type, path), Dir: dir, Home: home, As: as,
		Hostname: it.HostName, Timeout: seconds(j.Timeout), KillTree: strings.EqualFold(j.TerminationMode, "ProcessTree"),
	}, nil
}

// check judges what the lab's instances have less of than real ones.
func (a *agents) check(j *job) *fault {
	if f := needsUpgrade(j.invocation, j.host.get()); f != nil {
		return f
	}
	switch {
	case j.ContainerId != "" || j.ContainerName != "":
		return invalid("CommandNotApplicable", "The lab's instances have no containers.")
	case j.Command.Type != "RunShellScript" && runtime.GOOS != "windows":
		return invalid("CommandNotApplicable", fmt.Sprintf("The lab is on %s, where it cannot run %s.", runtime.GOOS, j.Command.Type))
	}
	return nil
}

// fill puts in the parameters. What the service's own code for an unknown built-in one is, no source tells; this one is
// the official agent's name for the fault.
func (a *agents) fill(j *job, it *Instance) (string, *fault) {
	content := string(j.Command.Content)
	if !j.Command.EnableParameter {
		return content, nil
	}
	content, unknown := assist.FillBuiltins(assist.FillParameters(content, j.Parameters), map[string]string{
		"ACS::RegionId":     a.region,
		"ACS::AccountId":    a.account,
		"ACS::InstanceId":   it.InstanceId,
		"ACS::InstanceName": it.InstanceName,
		"ACS::InvokeId":     j.InvokeId,
		"ACS::CommandId":    j.Command.CommandId,
	})
	if unknown != "" {
		return "", invalid("InvalidEnvironmentParameter", "The environment parameter "+unknown+" is invalid.")
	}
	return content, nil
}

func invalid(code, info string) *fault { return &fault{assist.StatusInvalid, code, info} }
