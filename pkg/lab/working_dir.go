package lab

import (
	"os"
	"path/filepath"
	"slices"

	"muster/pkg/lab/runner"
)

// home returns the working directory of an instance's scripts that run as the lab's own user: the path of the instance's /root
// on this machine.
func (d instanceDirs) home(instanceID string) string {
	return filepath.Join(d.rootfs(instanceID), "root")
}

// ownDirs returns the home of the lab's own user on an instance, and the directory in which scripts run without a WorkingDir:
// the home or, if it does not exist, the agent's own directory.
func (d instanceDirs) ownDirs(it *Instance) (home, dir string, err error) {
	home = d.home(it.InstanceId)
	dir = home
	if info, missing := os.Stat(home); it.NoHome && (missing != nil || !info.IsDir()) {
		dir = filepath.Join(d.path, it.InstanceId, "agent")
	}
	return home, dir, os.MkdirAll(dir, 0o700)
}

// workingDir returns the path of a WorkingDir on this machine. The directory may not exist. A relative one is below the directory
// that is used without a WorkingDir. An absolute one is in the instance's rootfs if it is the home of the instance or if a file was
// sent to it, so that scripts find their files. Otherwise it is this machine's own directory, as it always is for other users, who
// must not see the rootfs.
func (d instanceDirs) workingDir(wanted, without string, as *runner.OSUser, it *Instance) string {
	if !filepath.IsAbs(wanted) {
		return filepath.Join(without, wanted)
	}
	local, ok := it.rootfsPath(wanted)
	if as != nil || !ok {
		return wanted
	}
	if own := filepath.Join(d.rootfs(it.InstanceId), local); own == d.home(it.InstanceId) || hasFile(own) {
		return own
	}
	return wanted
}

func hasFile(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() })
}

// sweep removes the script files of a run whose lab was killed.
func (d instanceDirs) sweep(invokeID, instanceID string) {
	left, _ := filepath.Glob(filepath.Join(d.path, instanceID, invokeID+"*"))
	for _, path := range left {
		_ = os.Remove(path) // a leftover does no harm
	}
}
