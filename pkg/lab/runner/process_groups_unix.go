//go:build unix

package runner

import (
	"crypto/rand"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// processGroups tracks the process groups that still had members when their scripts had finished. It is safe for concurrent
// use.
type processGroups struct {
	mark      string // in the environment of the scripts of all labs that have used the same data directory
	own       string // in the environment of this lab's scripts: mark with a suffix
	subreaper subreaper

	mu         sync.Mutex
	leaderless map[int]struct{} // process group ids
	pruneAt    int              // the number of groups at which to remove empty ones
}

// minPruneAt is the smallest number of groups at which looking for empty ones is worth the system calls.
const minPruneAt = 64

func newProcessGroups(mark string) *processGroups {
	mark = "MUSTER_LAB_RUNNER=" + mark
	return &processGroups{mark: mark, own: mark + "." + rand.Text(), leaderless: make(map[int]struct{}), pruneAt: minPruneAt}
}

// env returns the variables that all descendants of the scripts inherit.
func (g *processGroups) env() []string { return []string{g.own} }

// track adds the group of a script that has been waited for, if the group still has members.
func (g *processGroups) track(leader int) {
	if !leaderlessGroupExists(leader) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leaderless[leader] = struct{}{}
	if len(g.leaderless) >= g.pruneAt {
		g.prune()
		g.pruneAt = max(minPruneAt, 2*len(g.leaderless))
	}
}

// prune removes empty groups.
func (g *processGroups) prune() {
	for leader := range g.leaderless {
		if !leaderlessGroupExists(leader) {
			delete(g.leaderless, leader)
		}
	}
}

// leaderlessGroupExists reports whether a group has members although its leader is gone. The system does not reuse a group's id
// as long as the group has members. So if there is a process with that id, the group no longer exists, and the process must
// not be touched.
func leaderlessGroupExists(leader int) bool {
	return unix.Kill(-leader, 0) == nil && unix.Kill(leader, 0) == unix.ESRCH
}

// killAll kills all processes that scripts left behind, and waits until they are gone, for at most two seconds: a process can
// be stuck in the kernel.
func (g *processGroups) killAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.prune()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	giveUp := time.After(2 * time.Second)
	for g.killRemaining() {
		select {
		case <-again.C:
		case <-giveUp:
			return
		}
	}
}
