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
// mark because the subreaper has adopted them. A process has no environment for a moment while it executes another program, so
// one without any is looked at once more.
func (g *processGroups) killRemaining() bool {
	found := false
	for _, pid := range g.subreaper.reap() {
		found = true
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	processes, _ := os.ReadDir("/proc")
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		switch ours, unmarked := g.contains(pid); {
		case ours:
			found = true
			_ = unix.Kill(pid, unix.SIGKILL)
		case unmarked && !g.unmarked[pid]:
			found = true
			g.unmarked[pid] = true
		}
	}
	return found
}

// contains reports whether a process is alive and belongs to a script, by its group or by the mark in its environment, and whether
// it has no environment. Threads of the kernel, whose group is 0, never have one.
func (g *processGroups) contains(pid int) (ours, unmarked bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false, false
	}
	// pid (name) state ppid pgrp …, where the name may contain any character
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 3 || fields[0] == "Z" || fields[0] == "X" {
		return false, false
	}
	group, err := strconv.Atoi(fields[2])
	if err != nil || group == 0 {
		return false, false
	}
	if _, tracked := g.leaderless[group]; tracked {
		return true, false
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return bytes.Contains(env, []byte(g.mark)), len(env) == 0 && err == nil
}
