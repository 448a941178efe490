//go:build !linux && !darwin

package term

import "os"

// canRead returns false, because it cannot tell on this system.
func canRead(*os.File) bool { return false }

func inForeground(*os.File) bool { return true }
