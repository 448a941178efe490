package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// startThreads is enough to keep the forks of a few processors going; a thread is held only until its child has exec'd.
const startThreads = 4

// processAttributes gives a script a session, and so a process group, of its own: like a service's child it has no
// terminal to read from, and a Ctrl-C does not reach it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// starter starts processes from threads that live as long as it does, because Pdeathsig means the death of the thread
// that forked. Those threads, and no others, also leave the machine's UTS namespace, where that is allowed.
type starter struct {
	namesHosts bool // every process has the host name that start was given
	ownName    string

	requests chan startRequest
	threads  sync.WaitGroup
}

type startRequest struct {
	cmd      *exec.Cmd
	hostname string
	started  chan<- error
}

// newStarter must be closed, after the processes that it started have ended. Without nameHosts it does not try to.
func newStarter(nameHosts bool) *starter {
	s := &starter{requests: make(chan startRequest)}
	var err error
	if s.ownName, err = os.Hostname(); err != nil {
		nameHosts = false
	}
	ready := make(chan error, startThreads)
	for range startThreads {
		s.threads.Go(func() { s.serve(nameHosts, ready) })
	}
	s.namesHosts = nameHosts
	for range startThreads {
		if <-ready != nil {
			s.namesHosts = false
		}
	}
	return s
}

func (s *starter) close() {
	close(s.requests)
	s.threads.Wait()
}

// start is cmd.Start, on one of the threads.
func (s *starter) start(ctx context.Context, cmd *exec.Cmd, hostname string) error {
	started := make(chan error, 1)
	select {
	case s.requests <- startRequest{cmd, hostname, started}:
		return <-started
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// serve keeps its thread locked to the end, so that the thread ends with it and nobody gets one in a strange namespace.
// The main thread cannot end: that one is held only until another has taken its place.
func (s *starter) serve(nameHosts bool, ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == os.Getpid() {
		locked := make(chan struct{})
		s.threads.Go(func() {
			runtime.LockOSThread()
			close(locked)
			s.serve(nameHosts, ready)
		})
		<-locked
		runtime.UnlockOSThread()
		return
	}
	if nameHosts {
		ready <- ownHostname(s.ownName)
	} else {
		ready <- nil
	}
	for r := range s.requests {
		r.started <- s.startHere(r)
	}
}

func (s *starter) startHere(r startRequest) error {
	if s.namesHosts {
		name := r.hostname
		if name == "" {
			name = s.ownName
		}
		if err := ownHostname(name); err != nil {
			return err
		}
	}
	return r.cmd.Start()
}

// descendants lists a process's children and theirs, as far as they have not been disowned.
func descendants(pid int) []int {
	var all []int
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			if pid, err := strconv.Atoi(child); err == nil {
				all = append(append(all, pid), descendants(pid)...)
			}
		}
	}
	return all
}

// strike kills what is left of the scripts, and tells whether there was anything. By the mark in their environment it
// finds those too that made a session of their own, and by having inherited them those that rid themselves of the mark.
func (g *groups) strike() bool {
	found := false
	for _, pid := range g.subreaper.inherited() {
		found = true
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	processes, _ := os.ReadDir("/proc")
	for _, p := range processes {
		pid, err := strconv.Atoi(p.Name())
		if err == nil && pid != os.Getpid() && g.owns(pid) {
			found = true
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
	return found
}

func (g *groups) owns(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// pid (name) state ppid pgrp …, where the name may hold anything
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 3 || fields[0] == "Z" || fields[0] == "X" {
		return false
	}
	if group, err := strconv.Atoi(fields[2]); err == nil {
		if _, ours := g.left[group]; ours {
			return true
		}
	}
	env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return bytes.Contains(env, []byte(g.mark))
}
