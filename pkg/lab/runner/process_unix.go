//go:build unix

package runner

import (
	"crypto/rand"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// exitCode is what a shell would make of it, and whether the process ended without a signal.
func exitCode(state *os.ProcessState) (code int, byItself bool) {
	status, known := state.Sys().(syscall.WaitStatus)
	switch {
	case !known:
		return -1, false
	case status.Signaled():
		return 128 + int(status.Signal()), false
	}
	return status.ExitStatus(), true
}

// killProcess kills a script, or returns an error if it has been waited for: then its number may be somebody else's.
func killProcess(p *os.Process, tree bool) error {
	if !tree {
		return p.Kill()
	}
	below := descendants(p.Pid)
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err
	}
	_ = unix.Kill(-p.Pid, unix.SIGKILL) // errors mean that they are gone
	for _, pid := range below {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	return nil
}

// groups knows the process groups that still had members when their scripts had ended.
type groups struct {
	mark      string // of all labs in a data directory, one after the other
	own       string // of this one: mark and more
	subreaper subreaper

	mu       sync.Mutex
	left     map[int]struct{}
	tidyWhen int // so many groups make looking for empty ones worth it
}

func newGroups(mark string) *groups {
	mark = "MUSTER_LAB_RUNNER=" + mark
	return &groups{mark: mark, own: mark + "." + rand.Text(), left: make(map[int]struct{}), tidyWhen: 64}
}

// env is what all descendants of the scripts inherit.
func (g *groups) env() []string { return []string{g.own} }

// leave notes the group of a script that has been waited for, if somebody is left in it.
func (g *groups) leave(leader int) {
	if !groupLives(leader) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left[leader] = struct{}{}
	if len(g.left) >= g.tidyWhen {
		g.tidy()
		g.tidyWhen = max(64, 2*len(g.left))
	}
}

func (g *groups) tidy() {
	for leader := range g.left {
		if !groupLives(leader) {
			delete(g.left, leader)
		}
	}
}

// groupLives tells whether a group has members although its leader is gone. As long as it has any, the system gives
// nobody its number; so when a process of that number is there, the group in question has ended and must not be touched.
func groupLives(leader int) bool {
	return unix.Kill(-leader, 0) == nil && unix.Kill(leader, 0) == unix.ESRCH
}

// end kills all that is left, and waits until it is gone.
func (g *groups) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tidy()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	enough := time.After(2 * time.Second) // a process in the kernel's hands may stay for ever
	for g.strike() {
		select {
		case <-again.C:
		case <-enough:
			return
		}
	}
}
