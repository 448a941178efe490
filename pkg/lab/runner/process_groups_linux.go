package runner

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// killRemaining kills the remaining processes of the scripts, and reports whether there were any. Besides the members of the
// process groups, it finds processes with a session of their own by the mark in their environment, and processes without the
// mark because the subreaper has adopted them.
func (g *processGroups) killRemaining() bool {
	found := false
	for _, pid := range g.subreaper.reap() {
		found = true
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	processes, _ := os.ReadDir("/proc")
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err == nil && pid != os.Getpid() && g.contains(pid) {
			found = true
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
	return found
}

// contains reports whether a process is alive and belongs to a script, by its group or by the mark in its environment.
func (g *processGroups) contains(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// pid (name) state ppid pgrp …, where the name may contain any character
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 3 || fields[0] == "Z" || fields[0] == "X" {
		return false
	}
	if group, err := strconv.Atoi(fields[2]); err == nil {
		if _, tracked := g.leaderless[group]; tracked {
			return true
		}
	}
	env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return bytes.Contains(env, []byte(g.mark))
}
