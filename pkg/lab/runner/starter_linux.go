package runner

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// starterThreads is enough to keep a few processors busy with forks: a thread is occupied only until its child has called exec.
const starterThreads = 4

// starter starts processes from threads that live as long as the starter does, because Pdeathsig refers to the thread that
// forked. If that is permitted, these threads, and no others, also leave the machine's UTS namespace.
type starter struct {
	setsHostnames bool // every process gets the host name that start was called with
	ownHostname   string

	requests chan startRequest
	threads  sync.WaitGroup
}

type startRequest struct {
	cmd      *exec.Cmd
	hostname string
	started  chan<- error
}

// newStarter returns a starter, which must be closed after the processes that it started have exited. With setHostnames it
// tries to set their host names.
func newStarter(setHostnames bool) *starter {
	s := &starter{requests: make(chan startRequest)}
	var err error
	if s.ownHostname, err = os.Hostname(); err != nil {
		setHostnames = false
	}
	ready := make(chan error, starterThreads)
	for range starterThreads {
		s.threads.Go(func() { s.serve(setHostnames, ready) })
	}
	s.setsHostnames = setHostnames
	for range starterThreads {
		if <-ready != nil {
			s.setsHostnames = false
		}
	}
	return s
}

func (s *starter) close() {
	close(s.requests)
	s.threads.Wait()
}

// start calls cmd.Start on one of the threads. An empty hostname means the lab's own. If ctx is done before a thread is free,
// it returns the cause.
func (s *starter) start(ctx context.Context, cmd *exec.Cmd, hostname string) error {
	started := make(chan error, 1)
	select {
	case s.requests <- startRequest{cmd, hostname, started}:
		return <-started
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// serve handles requests on a thread that stays locked. So the thread ends with the goroutine, and no other goroutine runs in
// its namespace. The main thread cannot end: it is locked only until another thread has taken its place.
func (s *starter) serve(setHostnames bool, ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == os.Getpid() {
		locked := make(chan struct{})
		s.threads.Go(func() {
			runtime.LockOSThread()
			close(locked)
			s.serve(setHostnames, ready)
		})
		<-locked
		runtime.UnlockOSThread()
		return
	}
	if setHostnames {
		ready <- unshareHostname(s.ownHostname)
	} else {
		ready <- nil
	}
	for r := range s.requests {
		r.started <- s.startOnThisThread(r)
	}
}

func (s *starter) startOnThisThread(r startRequest) error {
	if s.setsHostnames {
		name := r.hostname
		if name == "" {
			name = s.ownHostname
		}
		if err := unshareHostname(name); err != nil {
			return err
		}
	}
	return r.cmd.Start()
}
