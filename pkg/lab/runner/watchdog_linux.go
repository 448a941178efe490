package runner

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// watchdog is a process that outlives a lab that cannot clean up: one that panics, or that SIGKILL or a second Ctrl-C ends. It
// then kills all processes with the lab's mark in their environment.
type watchdog struct {
	starter *starter
	shell   string
	mark    string

	mu    sync.Mutex
	stdin *os.File // the write end of the watchdog's stdin; nil unless it runs
	cmd   *exec.Cmd
}

func newWatchdog(s *starter, shell, mark string) *watchdog {
	return &watchdog{starter: s, shell: shell, mark: mark}
}

// watchdogScript waits for the end of stdin. A line before it means that the lab has cleaned up itself.
const watchdogScript = `read -r closed && exit
rounds=0
while left=$(grep -lsF -- "$1" /proc/[0-9]*/environ); [ -n "$left" ] && [ $((rounds += 1)) -le 50 ]; do
	for process in $left; do
		process=${process#/proc/}
		kill -9 "${process%/environ}"
	done
	sleep 0.1
done`

// start starts the watchdog unless it runs already. Without a shell it does nothing.
func (w *watchdog) start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stdin != nil || w.shell == "" {
		return nil
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for the watchdog: %w", err)
	}
	defer reader.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), w.shell, "-c", watchdogScript, "muster-lab-watchdog", w.mark)
	cmd.Args[0] = "sh" // the program may be busybox
	cmd.Dir, cmd.Stdin = "/", reader
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C must not reach it
	if err := w.starter.start(ctx, cmd, ""); err != nil {
		writer.Close()
		return fmt.Errorf("starting the watchdog: %w", err)
	}
	w.stdin, w.cmd = writer, cmd
	return nil
}

// stop ends the watchdog if it runs. Call it when no process of a script is left.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stdin == nil {
		return
	}
	_, _ = w.stdin.WriteString("closed\n") // an error means that it has exited already
	w.stdin.Close()
	_ = w.cmd.Wait()
	w.stdin = nil
}
