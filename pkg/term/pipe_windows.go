package term

import "golang.org/x/sys/windows"

func brokenPipe() []error { return []error{windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA} }
