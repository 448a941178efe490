//go:build linux || darwin

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// hideEcho stops the echo of what is typed until restore.
func hideEcho(f *os.File) (restore func(), err error) {
	shows, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	hides := *shows
	hides.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermios, &hides); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(int(f.Fd()), setTermios, shows) }, nil
}
