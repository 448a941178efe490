//go:build !windows

package term

import "syscall"

func brokenPipe() []error { return []error{syscall.EPIPE} }
