package term

import (
	"errors"
	"io"
	"slices"
)

// IsBrokenPipe tells whether err is of a write to a pipe that nobody reads any more, such as that to `head`.
// On Unix, Go ends the program at such a write to standard output or error, unless SIGPIPE is handled or ignored.
func IsBrokenPipe(err error) bool {
	if errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	return slices.ContainsFunc(brokenPipe(), func(target error) bool { return errors.Is(err, target) })
}
