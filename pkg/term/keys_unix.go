//go:build linux || darwin

package term

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// errBackground reports that the process may not change the terminal.
var errBackground = errors.New("the process is in the background")

// takeKeys makes keys readable as they are typed, without echo, until restore. It discards earlier input. Ctrl-C still sends a
// signal; Ctrl-Z is a key like the others, so that no shell gets the terminal in this state.
func takeKeys(f *os.File) (restore func(), err error) {
	if !inForeground(f) {
		return nil, errBackground
	}
	before, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	keys := *before
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME], keys.Cc[unix.VSUSP] = 1, 0, disabledKey
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermiosFlush, &keys); err != nil {
		return nil, err
	}
	return func() {
		if inForeground(f) { // otherwise the shell has already restored it
			_ = unix.IoctlSetTermios(int(f.Fd()), setTermios, before)
		}
	}, nil
}
