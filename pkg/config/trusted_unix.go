//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// trusted tells that a file is the user's own, or root's, and that not everybody may write to it. A link's permissions say
// nothing.
func trusted(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	const othersWrite = 0o002
	return ownedBy(stat.Uid, os.Geteuid()) && (info.Mode()&fs.ModeSymlink != 0 || info.Mode()&othersWrite == 0)
}

func ownedBy(owner uint32, user int) bool { return owner == 0 || int64(owner) == int64(user) }
