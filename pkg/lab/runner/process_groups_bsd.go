//go:build unix && !linux

package runner

import "golang.org/x/sys/unix"

// killRemaining kills the remaining processes of the scripts, and reports whether there were any.
func (g *processGroups) killRemaining() bool {
	found := false
	for leader := range g.leaderless {
		if unix.Kill(-leader, unix.SIGKILL) == nil {
			found = true
		} else {
			delete(g.leaderless, leader)
		}
	}
	return found
}
