package term

import (
	"errors"
	"io"
	"slices"
)

// IsBrokenPipe reports whether err is from a write to a pipe that is no longer read, such as that to `head`. On Unix, such a
// write to standard output or error ends a Go program, unless SIGPIPE is handled or ignored.
func IsBrokenPipe(err error) bool {
	if errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	return slices.ContainsFunc(brokenPipe(), func(target error) bool { return errors.Is(err, target) })
}
