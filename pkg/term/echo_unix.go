//go:build linux || darwin

package term

import (
	"bufio"
	"bytes"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// hideEcho stops the echo of what is typed until restore. What is typed is read by the line.
func hideEcho(f *os.File) (restore func(), err error) {
	shows, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	hides := *shows
	hides.Lflag &^= unix.ECHO
	hides.Lflag |= unix.ICANON | unix.ISIG
	hides.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermios, &hides); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(int(f.Fd()), setTermios, shows) }, nil
}

// readHidden reads a line after hideEcho. It does not change the terminal, as term.ReadPassword does: if the question has been
// cancelled before the read begins, the echo would stay hidden.
func readHidden(f *os.File) ([]byte, error) {
	line, err := bufio.NewReader(f).ReadBytes('\n') // reads one line at most, because the terminal delivers lines
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	return bytes.TrimRight(line, "\r\n"), err
}
