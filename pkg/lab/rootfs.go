package lab

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// instanceDirs are the directories of instances, which are in the directory path.
type instanceDirs struct{ path string }

// rootfs returns the directory that serves as an instance's / for sent files. No path leads out of it.
func (d instanceDirs) rootfs(instanceID string) string {
	return filepath.Join(d.path, instanceID, "rootfs")
}

// rootfsPath converts a path on the instance into a path relative to its rootfs. It reports false if name is not a path, or
// may lead out of the rootfs.
func (it *Instance) rootfsPath(name string) (string, bool) {
	if it.windows() {
		name = strings.ReplaceAll(name, `\`, "/")
		if drive, rest, ok := strings.Cut(name, ":"); ok {
			name = drive + "/" + rest
		}
	}
	if strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..") {
		return "", false
	}
	name = filepath.FromSlash(strings.TrimPrefix(path.Clean("/"+name), "/"))
	if name == "" {
		name = "."
	}
	return name, filepath.IsLocal(name)
}
