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

// workingDir returns the path of a WorkingDir on this machine. The directory may not exist. It is in the instance's rootfs if
// it is the home of the instance or if a file was sent to it, so that scripts find their files. Otherwise it is this machine's own
// directory, as it always is for other users, who must not see the rootfs.
func (d instanceDirs) workingDir(wanted, home string, as *runner.OSUser, it *Instance) string {
	if !filepath.IsAbs(wanted) {
		return filepath.Join(home, wanted)
	}
	local, ok := it.rootfsPath(wanted)
	if as != nil || !ok {
		return wanted
	}
	if own := filepath.Join(d.rootfs(it.InstanceId), local); own == home || hasFile(own) {
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
