//go:build unix && !linux

package runner

import "syscall"

// processAttributes puts a script into a session, and so a process group, of its own. Like the child of a service it has no
// terminal to read from, and Ctrl-C does not reach it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}

// descendants returns nothing: here only those in the process group can be found cheaply, and they are killed with the group.
func descendants(int) []int { return nil }
