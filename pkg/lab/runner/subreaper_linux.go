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

// subreaper has the lab inherit, in init's place, the processes that its scripts disown. So it finds those too that have made a
// session and an environment of their own, as daemons do and what su starts; and as init does, it waits for them.
type subreaper struct {
	once     sync.Once
	inherits atomic.Bool
	ended    chan os.Signal // of a child; nil unless it inherits
	work     sync.WaitGroup
}

// begin is for when there are scripts, in a process where nothing else has children with sessions of their own. It does
// nothing where the system does not tell who was inherited: then they would be waited for by nobody.
func (h *subreaper) begin() { h.once.Do(h.inherit) }

func (h *subreaper) inherit() {
	if _, err := os.ReadFile(inheritance()); err != nil {
		return
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return
	}
	h.inherits.Store(true)
	h.ended = make(chan os.Signal, 1)
	signal.Notify(h.ended, unix.SIGCHLD)
	h.work.Go(func() {
		for range h.ended {
			h.inherited()
		}
	})
}

// end is for when nobody calls begin any more.
func (h *subreaper) end() {
	if h.ended != nil {
		h.inherits.Store(false)
		signal.Stop(h.ended)
		close(h.ended)
		h.work.Wait()
	}
}

// inheritance lists the children of the main thread. Whom a process inherits is that thread's, and a starter's threads,
// whose children scripts are, are others.
func inheritance() string { return fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()) }

// inherited waits for the processes that were inherited and have ended, and lists the others. All are of scripts: it is
// these that have sessions of their own.
func (h *subreaper) inherited() (living []int) {
	if !h.inherits.Load() {
		return nil
	}
	list, _ := os.ReadFile(inheritance())
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
		if ended, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err == nil && ended == 0 {
			living = append(living, pid)
		}
	}
	return living
}
