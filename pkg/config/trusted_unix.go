//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// trusted reports whether the user or root owns a file and not everyone may write to it. The permissions of a link are
// meaningless and ignored.
func trusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	const othersWrite = 0o002
	return ownedBy(stat.Uid, os.Geteuid()) && (info.Mode()&fs.ModeSymlink != 0 || info.Mode()&othersWrite == 0)
}

func ownedBy(owner uint32, user int) bool { return owner == 0 || int64(owner) == int64(user) }
