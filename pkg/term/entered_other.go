//go:build !linux && !darwin

package term

import "os"

// canRead cannot tell.
func canRead(*os.File) bool { return false }

func inForeground(*os.File) bool { return true }
