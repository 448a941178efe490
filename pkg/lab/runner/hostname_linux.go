package runner

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// unshareHostname moves the calling thread, which must be locked, into a new UTS namespace with the given host name. Processes
// that the thread forks later live there; the host name of all others stays the same. It needs CAP_SYS_ADMIN.
func unshareHostname(name string) error {
	if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
		return fmt.Errorf("making a UTS namespace: %w", err)
	}
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("setting the host name %q: %w", name, err)
	}
	return nil
}
