package runner

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// ownHostname moves the calling thread, which must be locked, into a new UTS namespace of the given host name. What the
// thread forks from then on lives there, and nobody else's name changes. It takes CAP_SYS_ADMIN.
func ownHostname(name string) error {
	if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
		return fmt.Errorf("making a UTS namespace: %w", err)
	}
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("setting the host name %q: %w", name, err)
	}
	return nil
}
