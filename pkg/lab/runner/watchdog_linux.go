package runner

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// watchdog is a process that outlives a lab which cannot see to its end: one that panics, or that a second Ctrl-C or SIGKILL
// ends. It then kills what has the mark of that lab's scripts in its environment.
type watchdog struct {
	starter *starter
	shell   string
	mark    string

	mu  sync.Mutex
	lab *os.File // the lab's end of its stdin; nil before begin
	cmd *exec.Cmd
}

func newWatchdog(s *starter, shell, mark string) *watchdog {
	return &watchdog{starter: s, shell: shell, mark: mark}
}

// watchdogScript waits until stdin ends. A line on it says that the lab has seen to its end itself.
const watchdogScript = `read -r closed && exit
rounds=0
while left=$(grep -lsF -- "$1" /proc/[0-9]*/environ); [ -n "$left" ] && [ $((rounds += 1)) -le 50 ]; do
	for process in $left; do
		process=${process#/proc/}
		kill -9 "${process%/environ}"
	done
	sleep 0.1
done`

// begin is for when there are scripts.
func (w *watchdog) begin(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lab != nil || w.shell == "" {
		return nil
	}
	stdin, lab, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for what ends scripts after a crash: %w", err)
	}
	defer stdin.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), w.shell, "-c", watchdogScript, "muster-lab-watchdog", w.mark)
	cmd.Dir, cmd.Stdin = "/", stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a Ctrl-C is not for it
	if err := w.starter.start(ctx, cmd, ""); err != nil {
		lab.Close()
		return fmt.Errorf("starting what ends scripts after a crash: %w", err)
	}
	w.lab, w.cmd = lab, cmd
	return nil
}

// dismiss is for when no script is left.
func (w *watchdog) dismiss() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lab == nil {
		return
	}
	_, _ = w.lab.WriteString("closed\n") // an error means that it is gone already
	w.lab.Close()
	_ = w.cmd.Wait()
	w.lab = nil
}
