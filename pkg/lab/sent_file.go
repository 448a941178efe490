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
		return emptyFile()
	}
	if s.Name == "." || !filepath.IsLocal(s.Name) {
		return badFileName()
	}
	dir, ok := it.rootfsPath(s.TargetDir)
	if !ok {
		return badFilePath()
	}
	if !it.windows() {
		if f := s.checkOwner(); f != nil {
			return f
		}
	}
	mode, err := s.mode()
	if err != nil {
		return badFileMode()
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
	return s.writeContent(root, filepath.Join(dir, s.Name), mode)
}

// writeContent writes the file like the agent: it truncates an existing file, and writes through a link, though never to a place
// outside of the rootfs. A file that exists keeps its owner, and a program that is running cannot be written.
func (s *sentFile) writeContent(root *os.Root, name string, mode fs.FileMode) *failure {
	switch info, err := root.Stat(name); {
	case err == nil && !s.Overwrite:
		return fileExists()
	case err == nil && !info.Mode().IsRegular(): // opening a pipe could take forever
		return fileCreateFailed(fmt.Errorf("%s is not a regular file", s.Name))
	}
	switch err := s.create(root, name, mode); {
	case errors.Is(err, fs.ErrExist): // another call has created it since
		return fileExists()
	case err != nil:
		return fileCreateFailed(err)
	}
	return nil
}

func (s *sentFile) create(root *os.Root, name string, mode fs.FileMode) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !s.Overwrite {
		flags |= os.O_EXCL
	}
	f, err := root.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrPermission) && root.Chmod(name, 0o600) == nil { // an agent is root, and needs no permission
		f, err = root.OpenFile(name, flags, 0o644)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(s.Content)
	return errors.Join(err, f.Chmod(mode), f.Close())
}

// mode returns the permissions of the file. Like the agent, it wants three or four digits, and loses the setuid, setgid and sticky
// bits.
func (s *sentFile) mode() (fs.FileMode, error) {
	if len(s.FileMode) != 3 && len(s.FileMode) != 4 {
		return 0, fmt.Errorf("%q: want 3 or 4 digits", s.FileMode)
	}
	bits, err := strconv.ParseUint(s.FileMode, 8, 12)
	return fs.FileMode(bits) & fs.ModePerm, err
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
			return noAccount()
		}
		if owner.Uid != own.Uid {
			return invalid("AccountNotExists", "In the lab, files can only belong to its own user or to root, not to "+s.FileOwner+".")
		}
	}
	if s.FileGroup != "root" {
		group, err := user.LookupGroup(s.FileGroup)
		if err != nil {
			return noGroup()
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
