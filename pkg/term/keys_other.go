//go:build !linux && !darwin

package term

import (
	"errors"
	"os"
)

// takeKeys is not supported: a key is read when Enter follows it.
func takeKeys(*os.File) (restore func(), err error) { return nil, errors.ErrUnsupported }
