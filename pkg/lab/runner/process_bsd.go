//go:build unix && !linux

package runner

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// processAttributes gives a script a session, and so a process group, of its own: like a service's child it has no
// terminal to read from, and a Ctrl-C does not reach it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}

// descendants are those in the process group here; there is no cheap way to others.
func descendants(int) []int { return nil }

// strike kills what is left of the scripts, and tells whether there was anything.
func (g *groups) strike() bool {
	found := false
	for leader := range g.left {
		if unix.Kill(-leader, unix.SIGKILL) == nil {
			found = true
		} else {
			delete(g.left, leader)
		}
	}
	return found
}
