//go:build unix

package lab

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedAlone reports whether a directory is this user's and nobody else may list it or change what is in it.
func ownedAlone(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode().Perm()
	return ok && int(stat.Uid) == os.Geteuid() && (mode == 0o700 || mode == sharedDirMode)
}
