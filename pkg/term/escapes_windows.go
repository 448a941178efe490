package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes enables escape sequences on a console. Windows 10 and later support them, but not by default.
func enableEscapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
