//go:build !linux && !darwin

package term

import (
	"os"

	"golang.org/x/term"
)

// hideEcho leaves it to the reading of a password to have nothing shown. It restores what was.
func hideEcho(f *os.File) (restore func(), err error) {
	shows, err := term.GetState(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	return func() { _ = term.Restore(int(f.Fd()), shows) }, nil
}

// discardInput does nothing here: what was typed before is the answer.
func discardInput(*os.File) {}
