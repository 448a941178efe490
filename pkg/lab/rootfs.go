package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/assist"
)

// rootfs is the directory that stands for an instance's / when a file is sent to it. No path leads out of it.
func (a *agents) rootfs(instanceID string) string { return filepath.Join(a.dir, instanceID, "rootfs") }

// ReadFile reads a file that was sent to an instance, by its path there.
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
	inside, ok := h.get().inside(name)
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrInvalid)
	}
	return root.ReadFile(inside)
}

// inside makes a path on the instance one below its root. It is false for what is no path, or may lead out.
func (it *Instance) inside(name string) (string, bool) {
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

// write puts the file below a root; nil is success.
func (s *sentFile) write(it *Instance, rootfs string) *failure {
	if len(s.Content) == 0 {
		return invalid("FileContentInvalid", "File content is empty.")
	}
	if s.Name == "." || !filepath.IsLocal(s.Name) {
		return invalid("FileNameInvalid", "File name is invalid.")
	}
	dir, ok := it.inside(s.TargetDir)
	if !ok {
		return invalid("FilePathInvalid", "File path is invalid.")
	}
	if !it.windows() {
		if f := s.checkOwner(); f != nil {
			return f
		}
	}
	mode, err := s.mode()
	if err != nil {
		return invalid("FileAuthorityInvalid", "The authority of file is invalid.")
	}
	if err := os.MkdirAll(rootfs, 0o700); err != nil {
		return fileCreateFail(err)
	}
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return fileCreateFail(err)
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return fileCreateFail(err)
		}
		return invalid("FilePathInvalid", fmt.Sprintf("File path is invalid: %v.", err)) // it leads out, or a file is in its way
	}
	return s.place(root, filepath.Join(dir, s.Name), filepath.Join(dir, "."+s.InvokeId), mode)
}

// place makes the file whole under another name first: whoever reads it finds the old one or the new one, and what stands
// in its place, be it a link or a pipe, is neither followed nor opened.
func (s *sentFile) place(root *os.Root, name, draft string, mode fs.FileMode) *failure {
	defer func() { _ = root.Remove(draft) }()
	if err := s.draft(root, draft, mode); err != nil {
		return fileCreateFail(err)
	}
	if s.Overwrite {
		if err := root.Rename(draft, name); err != nil {
			return fileCreateFail(err)
		}
		return nil
	}
	switch err := root.Link(draft, name); {
	case errors.Is(err, fs.ErrExist):
		return invalid("FileAlreadyExists", "File already exists.")
	case err != nil:
		return fileCreateFail(err)
	}
	return nil
}

func (s *sentFile) draft(root *os.Root, name string, mode fs.FileMode) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(s.Content)
	return errors.Join(err, f.Chmod(mode), f.Close())
}

func (s *sentFile) mode() (fs.FileMode, error) {
	bits, err := strconv.ParseUint(s.FileMode, 8, 12)
	mode := fs.FileMode(bits & 0o777)
	for bit, special := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			mode |= special
		}
	}
	return mode, err
}

// checkOwner takes the lab's own user and group, and root, for which they stand: so no file ever changes hands.
func (s *sentFile) checkOwner() *failure {
	own, err := user.Current()
	if err != nil {
		return fileCreateFail(err)
	}
	if s.FileOwner != "root" {
		owner, err := user.Lookup(s.FileOwner)
		if err != nil {
			return invalid("AccountNotExists", "The specified account does not exist.")
		}
		if owner.Uid != own.Uid {
			return invalid("AccountNotExists", "The lab's files are its own user's or root's only, not "+s.FileOwner+"'s.")
		}
	}
	if s.FileGroup != "root" {
		group, err := user.LookupGroup(s.FileGroup)
		if err != nil {
			return invalid("UserGroupNotExists", "Group not exists.")
		}
		if group.Gid != own.Gid {
			return invalid("UserGroupNotExists", "The lab's files are its own group's or root's only, not "+s.FileGroup+"'s.")
		}
	}
	return nil
}

func fileCreateFail(err error) *failure {
	return &failure{assist.StatusFailed, "FileCreateFail", fmt.Sprintf("The file creation is failed: %v.", err)}
}
