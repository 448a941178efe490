package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"muster/pkg/assist"
)

// write writes the file to an instance, whose rootfs is created if necessary. It returns nil on success.
func (s *sentFile) write(it *Instance, rootfs string) *failure {
	if len(s.Content) == 0 {
		return invalid("FileContentInvalid", "File content is empty.")
	}
	if s.Name == "." || !filepath.IsLocal(s.Name) {
		return invalid("FileNameInvalid", "File name is invalid.")
	}
	dir, ok := it.rootfsPath(s.TargetDir)
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
		return fileCreateFailed(err)
	}
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return fileCreateFailed(err)
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return fileCreateFailed(err)
		}
		return invalid("FilePathInvalid", fmt.Sprintf("File path is invalid: %v.", err)) // it leads out of the rootfs, or a file is in the way
	}
	return s.writeAtomically(root, filepath.Join(dir, s.Name), filepath.Join(dir, "."+s.InvokeId), mode)
}

// writeAtomically writes the whole file under a temporary name first. So readers find either the old file or the new one, and
// anything else with the name, such as a link or a pipe, is neither followed nor opened.
func (s *sentFile) writeAtomically(root *os.Root, name, temporary string, mode fs.FileMode) *failure {
	defer func() { _ = root.Remove(temporary) }()
	if err := s.create(root, temporary, mode); err != nil {
		return fileCreateFailed(err)
	}
	if s.Overwrite {
		if err := root.Rename(temporary, name); err != nil {
			return fileCreateFailed(err)
		}
		return nil
	}
	switch err := root.Link(temporary, name); {
	case errors.Is(err, fs.ErrExist):
		return invalid("FileAlreadyExists", "File already exists.")
	case err != nil:
		return fileCreateFailed(err)
	}
	return nil
}

func (s *sentFile) create(root *os.Root, name string, mode fs.FileMode) error {
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

// checkOwner accepts the user and group of the lab, and root. Files always belong to the user and group of the lab, so that the
// lab never has to change an owner.
func (s *sentFile) checkOwner() *failure {
	own, err := user.Current()
	if err != nil {
		return fileCreateFailed(err)
	}
	if s.FileOwner != "root" {
		owner, err := user.Lookup(s.FileOwner)
		if err != nil {
			return invalid("AccountNotExists", "The specified account does not exist.")
		}
		if owner.Uid != own.Uid {
			return invalid("AccountNotExists", "In the lab, files can only belong to its own user or to root, not to "+s.FileOwner+".")
		}
	}
	if s.FileGroup != "root" {
		group, err := user.LookupGroup(s.FileGroup)
		if err != nil {
			return invalid("UserGroupNotExists", "Group not exists.")
		}
		if group.Gid != own.Gid {
			return invalid("UserGroupNotExists", "In the lab, files can only belong to its own group or to root, not to "+s.FileGroup+".")
		}
	}
	return nil
}

func fileCreateFailed(err error) *failure {
	return &failure{assist.StatusFailed, "FileCreateFail", fmt.Sprintf("The file creation is failed: %v.", err)}
}
