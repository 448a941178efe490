//go:build linux || darwin

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// canRead tells whether a read would not wait. Of a terminal, that is when a whole line has been typed. It is asked by
// select, since poll knows no terminals on macOS.
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

// inForeground is true as well of a terminal that does not control this process, where there is no such thing.
func inForeground(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
