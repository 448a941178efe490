//go:build unix

package lab

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedExclusively reports whether the current user owns a directory, and is the only one who can list or modify it.
func ownedExclusively(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	return ok && int(stat.Uid) == os.Geteuid() && (mode == 0o700 || mode == sharedDirMode)
}
