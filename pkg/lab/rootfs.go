package lab

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// rootfs returns the directory that serves as an instance's / for sent files. No path leads out of it.
func (a *agents) rootfs(instanceID string) string { return filepath.Join(a.dir, instanceID, "rootfs") }

// ReadFile reads a file that was sent to an instance. name is its path on the instance.
func (l *Lab) ReadFile(instanceID, name string) ([]byte, error) {
	h, ok := l.own.inventory.byID[instanceID]
	if !ok {
		return nil, fmt.Errorf("instance %q: the lab has no such instance", instanceID)
	}
	root, err := os.OpenRoot(l.agents.rootfs(instanceID))
	if err != nil {
		return nil, fmt.Errorf("instance %q: no file was sent to it: %w", instanceID, err)
	}
	defer func() { _ = root.Close() }()
	local, ok := h.get().rootfsPath(name)
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrInvalid)
	}
	return root.ReadFile(local)
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
