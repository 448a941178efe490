//go:build unix

package runner

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// exitCode returns the exit code that a shell would report, and reports whether the process exited without a signal.
func exitCode(state *os.ProcessState) (code int, exited bool) {
	status, known := state.Sys().(syscall.WaitStatus)
	switch {
	case !known:
		return -1, false
	case status.Signaled():
		return 128 + int(status.Signal()), false
	}
	return status.ExitStatus(), true
}

// signalOf returns the signal that ended a process, or 0.
func signalOf(state *os.ProcessState) syscall.Signal {
	if status, known := state.Sys().(syscall.WaitStatus); known && status.Signaled() {
		return status.Signal()
	}
	return 0
}

// killProcess kills a script, and with tree its descendants too. It returns an error if the script has been waited for: its
// process id may belong to another process then.
func killProcess(p *os.Process, tree bool) error {
	if !tree {
		return p.Kill()
	}
	children := descendants(p.Pid)
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err
	}
	_ = unix.Kill(-p.Pid, unix.SIGKILL) // an error means that it has exited
	for _, pid := range children {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	return nil
}
