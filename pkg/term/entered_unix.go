//go:build linux || darwin

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// canRead reports whether a read would not block. On a terminal, that means that a whole line has been typed. It uses select,
// because poll does not support terminals on macOS.
func canRead(f *os.File) bool {
	fd := int(f.Fd())
	if fd >= unix.FD_SETSIZE {
		return false
	}
	var ready unix.FdSet
	ready.Set(fd)
	n, err := unix.Select(fd+1, &ready, nil, nil, &unix.Timeval{})
	return err == nil && n == 1
}

// inForeground reports whether the process is in the foreground of a terminal. It is true for a terminal that is not the
// process's controlling terminal, which has no background.
func inForeground(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
