package runner

import (
	"os"
	"os/user"
	"path/filepath"
	"testing"
	"time"
)

// otherUser returns a user that root can run scripts as, or skips the test.
func otherUser(t *testing.T) *user.User {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs scripts as other users")
	}
	other, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	return other
}

// enterableDir returns a directory that all users can enter.
func enterableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "runner-test-") //nolint:usetesting // other users cannot enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOtherUsersTimeout(t *testing.T) {
	as, err := NewOSUser(otherUser(t))
	if err != nil {
		t.Fatal(err)
	}
	s := Script{Content: []byte("sleep 1000"), Dir: "/", As: as, Timeout: 10 * time.Millisecond}
	s.Path = filepath.Join(enterableDir(t), "script")
	if o := newTestRunner(t).Run(t.Context(), s, NewOutput(time.Now, Reporting{})); o.End != TimedOut || o.ExitCode != 1 {
		t.Errorf("%+v", o)
	}
}

// TestOtherUsersProcessesEndAfterSIGKILL is TestProcessesEndAfterSIGKILL for scripts of another user.
func TestOtherUsersProcessesEndAfterSIGKILL(t *testing.T) {
	as, err := NewOSUser(otherUser(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", enterableDir(t))
	path, line := fifo(t)
	for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o622); err != nil {
		t.Fatal(err)
	}
	testProcessesEndAfterSIGKILL(t, as, path, line)
}
