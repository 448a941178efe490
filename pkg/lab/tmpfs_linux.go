package lab

import "golang.org/x/sys/unix"

// tmpfsDir returns a directory of a file system in memory that allows executing scripts, or an empty string if there is none.
func tmpfsDir() string {
	const dir = "/dev/shm"
	var fs unix.Statfs_t
	if unix.Statfs(dir, &fs) != nil || fs.Type != unix.TMPFS_MAGIC || fs.Flags&unix.ST_NOEXEC != 0 || unix.Access(dir, unix.W_OK) != nil {
		return ""
	}
	return dir
}
