package lab

import (
	"os"
	"path/filepath"
	"slices"

	"muster/pkg/lab/runner"
)

// home is where the scripts of an instance begin that run as the lab's own user: /root, by its path on this machine.
func (a *agents) home(instanceID string) string { return filepath.Join(a.rootfs(instanceID), "root") }

// workingDir is a WorkingDir by its path on this machine, where nothing need be. It is the instance's own if that is its
// home or if a file was sent there, so that a script finds the file, and this machine's otherwise. Another user of this
// machine may not look into what is the instance's own.
func (a *agents) workingDir(wanted, home string, as *runner.OSUser, it *Instance) string {
	if !filepath.IsAbs(wanted) {
		return filepath.Join(home, wanted)
	}
	inside, ok := it.inside(wanted)
	if as != nil || !ok {
		return wanted
	}
	if own := filepath.Join(a.rootfs(it.InstanceId), inside); own == home || hasFile(own) {
		return own
	}
	return wanted
}

func hasFile(dir string) bool {
	entries, _ := os.ReadDir(dir)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !e.IsDir() })
}
