package runner

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// subreaper makes the lab a child subreaper, so that orphans of its scripts are reparented to the lab instead of init. It
// then also finds orphans with a session and an environment of their own, such as daemons and what su starts. Like init, it
// waits for orphans that have exited.
type subreaper struct {
	once   sync.Once
	active atomic.Bool
	exits  chan os.Signal // SIGCHLD; nil unless active
	work   sync.WaitGroup
}

// start makes the process a child subreaper, once. Call it before the first script starts, and only if no other code in this
// process starts children in sessions of their own. If the system does not list a process's children, start does nothing:
// nothing would wait for the orphans.
func (s *subreaper) start() { s.once.Do(s.adopt) }

func (s *subreaper) adopt() {
	if _, err := os.ReadFile(mainThreadChildren()); err != nil {
		return
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return
	}
	s.active.Store(true)
	s.exits = make(chan os.Signal, 1)
	signal.Notify(s.exits, unix.SIGCHLD)
	s.work.Go(func() {
		for range s.exits {
			s.reap()
		}
	})
}

// stop stops waiting for orphans. start must not be called concurrently or later.
func (s *subreaper) stop() {
	if s.exits != nil {
		s.active.Store(false)
		signal.Stop(s.exits)
		close(s.exits)
		s.work.Wait()
	}
}

// mainThreadChildren returns the path of the list of the main thread's children. Orphans are reparented to that thread. Scripts
// are children of the starter's threads.
func mainThreadChildren() string { return fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()) }

// reap waits for the orphans that have exited, and returns the process ids of the others. Orphans are the children with a
// session of their own; all of them come from scripts.
func (s *subreaper) reap() (living []int) {
	if !s.active.Load() {
		return nil
	}
	list, _ := os.ReadFile(mainThreadChildren())
	own, err := unix.Getsid(0)
	if err != nil {
		return nil
	}
	for child := range strings.FieldsSeq(string(list)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			continue
		}
		if session, err := unix.Getsid(pid); err != nil || session == own {
			continue
		}
		if exited, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err == nil && exited == 0 {
			living = append(living, pid)
		}
	}
	return living
}
