//go:build !linux

package term

import "os"

// discardInput forgets what was typed and not read yet, where that can be asked for.
func discardInput(*os.File) {}
