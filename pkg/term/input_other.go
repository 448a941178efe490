//go:build !linux && !darwin

package term

import (
	"os"

	"golang.org/x/term"
)

// hideEcho only saves the state of the terminal for restore, because reading a password hides the echo.
func hideEcho(f *os.File) (restore func(), err error) {
	shows, err := term.GetState(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(int(f.Fd()), shows) }, nil
}

// readHidden reads a line, and hides what is typed.
func readHidden(f *os.File) ([]byte, error) { return term.ReadPassword(int(f.Fd())) }

// discardInput does nothing on this system: earlier input becomes the answer.
func discardInput(*os.File) {}
