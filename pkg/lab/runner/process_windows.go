package runner

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// processAttributes puts a script into a process group of its own, so that Ctrl-C does not reach it.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// exitCode returns the exit code of a process. Here it cannot report whether the process was killed.
func exitCode(state *os.ProcessState) (code int, exited bool) {
	return state.ExitCode(), false
}

// signalOf returns 0: here, no signal ends a process.
func signalOf(*os.ProcessState) syscall.Signal { return 0 }

// killProcess kills a script, and with tree its descendants too.
func killProcess(p *os.Process, tree bool) error {
	if tree {
		// taskkill follows parent process ids, so it must run before the parent is gone. If it fails, Kill reports that.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = exec.CommandContext(ctx, "taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
	}
	return p.Kill()
}
