package runnertest

import (
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// Process refers to a process even after its process id has been reused. It is a pidfd.
type Process int

// OpenProcess returns the process with an id. The test is skipped if that is not possible.
func OpenProcess(t *testing.T, pid string) Process {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(n, 0)
	if err != nil {
		t.Skip("cannot open a pidfd for", n, err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return Process(fd)
}

// Exited reports whether the process exits within a timeout in milliseconds; -1 means no timeout.
func (p Process) Exited(t *testing.T, timeout int) bool {
	t.Helper()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(p), Events: unix.POLLIN}}, timeout)
		if err == nil {
			return n == 1
		}
		if err != unix.EINTR {
			t.Fatal(err)
		}
	}
}
