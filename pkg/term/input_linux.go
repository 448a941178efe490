package term

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS

	setTermiosFlush = unix.TCSETSF
	disabledKey     = 0
)

// discardInput discards what was typed and not read yet.
func discardInput(f *os.File) { _ = unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCIFLUSH) }
