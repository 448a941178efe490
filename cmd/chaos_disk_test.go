//go:build unix

package cmd

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// TestFullDisk limits the room for a run's journal at one place after another. Nothing is sent that is not in the journal, the error
// says why, and with more room the run can be resumed.
func TestFullDisk(t *testing.T) {
	const places, bytesEach = 40, 512
	var group errgroup.Group
	group.SetLimit(chaosAtOnce)
	failed := make([]bool, places+1)
	for i := range failed {
		group.Go(func() error {
			blocks := i + 1
			if i == places {
				blocks *= 10
			}
			err := fillDisk(t, fmt.Sprintf("ulimit -f %d", blocks), func(string) error { return nil }, func() error { return nil }, &failed[i])
			if err != nil {
				t.Errorf("with room for %d bytes: %v", blocks*bytesEach, err)
			}
			return nil
		})
	}
	_ = group.Wait()
	if !failed[0] || failed[places] {
		t.Errorf("with little room and with plenty: %v", failed)
	}
}

// TestFullFileSystem is TestFullDisk on a file system that is really full.
func TestFullFileSystem(t *testing.T) {
	some := false
	for pages := 1; pages <= 4; pages++ {
		dir := t.TempDir()
		mount := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", 4*pages), "tmpfs", dir)
		if out, err := mount.CombinedOutput(); err != nil {
			t.Skipf("no file system can be mounted here: %s", out)
		}
		t.Cleanup(func() {
			if err := exec.CommandContext(context.WithoutCancel(t.Context()), "umount", dir).Run(); err != nil {
				t.Error(err)
			}
		})
		failed := false
		err := fillDisk(t, ":", func(state string) error {
			return os.Symlink(dir, state)
		}, func() error {
			return exec.CommandContext(t.Context(), "mount", "-o", "remount,size=1m", dir).Run()
		}, &failed)
		if err != nil {
			t.Errorf("with room for %d pages: %v", pages, err)
		}
		some = some || failed
	}
	if !some {
		t.Error("it was never full")
	}
}

// fillDisk runs with little room for the journal, and then resumes with more.
func fillDisk(t *testing.T, limit string, prepare func(state string) error, makeRoom func() error, failed *bool) (err error) {
	c := &chaos{instances: 12, action: "run", batch: 2, concurrency: 1, pageSize: 50, dice: rand.New(rand.NewPCG(1, 1))}
	l, end, err := c.open(t.Context())
	if err != nil {
		return err
	}
	defer func() {
		if endErr := end(); err == nil {
			err = endErr
		}
	}()
	if err := prepare(filepath.Join(l.dir, "muster")); err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	limited := exec.CommandContext(t.Context(), "sh", append([]string{"-c", limit + `; exec muster "$@"`, "sh"}, c.args()...)...)
	limited.Dir, limited.Env, limited.Stdout, limited.Stderr = l.dir, l.plainEnv(), &stdout, &stderr
	runErr := limited.Run()
	announced := 0
	if text, err := os.ReadFile(journalIn(l.dir)); err == nil {
		announced = bytes.Count(text, []byte(`{"Event":"submitting"`))
	}
	if calls := l.lab.Calls()["RunCommand"]; calls > announced {
		return fmt.Errorf("the journal has %d calls, and %d were made", announced, calls)
	}
	code := limited.ProcessState.ExitCode()
	if runErr == nil || code == exitUnsuccess {
		return c.check(t.Context(), l, ended{code, stdout.String(), stderr.String()}, new(chaosTally))
	}
	*failed = true
	message := stderr.String()
	full := strings.Contains(message, "file too large") || strings.Contains(message, "no space left on device")
	if code != exitFailed || !full || !strings.Contains(message, "journal") {
		return fmt.Errorf("exit code %d, and it says: %s", code, message)
	}
	if err := makeRoom(); err != nil {
		return err
	}
	if journalIn(l.dir) == "" {
		if !strings.Contains(message, "nothing was sent") || !c.sentNothing(l) {
			return fmt.Errorf("%d calls without a journal, and it says: %s", l.lab.Calls()["RunCommand"], message)
		}
		return nil
	}
	last, err := l.muster(t.Context(), l.plainEnv(), nil, 0, "runs", "resume", "last", "-o", "json")
	if err != nil || strings.Contains(last.stderr, "nothing was sent") && c.sentNothing(l) {
		return err
	}
	return c.check(t.Context(), l, last, new(chaosTally))
}

// plainEnv returns the environment of a process that does not kill itself.
func (l *chaosLab) plainEnv() []string { return append(l.env[:len(l.env):len(l.env)], chaosDir+"=") }
